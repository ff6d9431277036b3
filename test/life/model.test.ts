import { ok } from 'node:assert/strict'
import fc from 'fast-check'
import type pg from 'pg'
import t, { type Test } from 'tap'
import type { Reservations } from '../../src/engine/engine.ts'
import type { Command } from '../../src/domain/commands.ts'
import { FACT_TYPE_NAMES } from '../../src/domain/facts.ts'
import type { Outcome } from '../../src/domain/outcomes.ts'
import { takeOverClock, type Clock } from '../helpers/clock.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { eventOf, outcomeOf, underKey } from '../helpers/outcomes.ts'
import { asCaller, createEventCommand } from '../helpers/commands.ts'
import { seedFor } from '../helpers/random.ts'
import { until } from '../helpers/until.ts'
import { follow, type System } from './follow.ts'
import { createMemorySystem } from './memory.ts'
import { scripts } from './script.ts'
import { readSnapshot } from './tables.ts'
import { TOUR } from './tour.ts'

// Random scripts of all operations, with time passing, on the system and on a simple model: see
// model.ts for the rules once more, follow.ts for what is compared.

/** Where an event begins, and what the model knows nothing of: seats with numbers, and late payments. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'event_created',
  'metadata_changed',
  'reacquired',
  'seating_changed',
  'seats_blocked',
  'seats_unblocked',
])

/** All that can happen: a run that did not see one of them has not tested it. */
const EVERYTHING = [
  'reserve: booking',
  'reserve: waiting',
  'reserve: event_not_found',
  'reserve: user_mismatch',
  'reserve: not_on_sale',
  'reserve: too_many_seats',
  'reserve: already_booked',
  'reserve: already_waiting',
  'reserve: sales_not_open',
  'reserve: sales_closed',
  'reserve: sold_out',
  'reserve: exceeds_capacity',
  'reserve: waitlist_closed',
  'confirm: booking',
  'confirm: hold_expired',
  'confirm: booking_not_found',
  'extend: booking',
  'extend: hold_expired',
  'extend: booking_not_found',
  'extend: not_held',
  'extend: hold_limit_reached',
  'cancel: done',
  'cancel: booking_not_found',
  'cancel: cancellation_closed',
  'cancel_of_user: done',
  'cancel_of_user: booking_not_found',
  'cancel_of_user: user_mismatch',
  'resize: booking',
  'resize: booking_not_found',
  'resize: not_on_sale',
  'resize: cancellation_closed',
  'resize: too_many_seats',
  'resize: sold_out',
  'leave_waitlist: done',
  'leave_waitlist: waitlist_entry_not_found',
  'change_event: event',
  'change_event: event_not_found',
  'change_event: event_changed',
  'change_event: event_cancelled',
  'change_event: capacity_below_taken',
  'change_event: capacity_below_waiting',
  'delete_event: done',
  'delete_event: event_not_found',
  'delete_event: event_changed',
  'delete_event: event_has_bookings',
  'settle: done',
  // Events are made before a script begins: that is seen in test/domain/.
  ...FACT_TYPE_NAMES.filter((type) => !ELSEWHERE.has(type)),
].map((name) => (name.includes(':') ? name : `history: ${name}`))

async function runScripts(
  t: Test,
  createSystem: () => System,
  { runs, maxRounds }: { runs: number; maxRounds: number },
): Promise<void> {
  const seen = new Set<string>()
  const property = fc.asyncProperty(scripts({ maxRounds }), (script) =>
    follow(createSystem(), script, seen),
  )
  await fc.assert(property, {
    numRuns: runs,
    seed: seedFor(t),
    endOnFailure: false,
    // Random scripts alone would miss what is rare now and then.
    examples: [[TOUR]],
  })
  t.same(
    EVERYTHING.filter((name) => !seen.has(name)),
    [],
    'everything that can happen did',
  )
}

t.test('the rules agree with the model', async (t) => {
  await runScripts(t, createMemorySystem, { runs: 2000, maxRounds: 25 })
})

/** The engine on PostgreSQL, whose clock is the test's. */
function createRealSystem({ pool }: TestDatabase, clock: Clock, engine: Reservations): System {
  const capacities = new Map<number, number>()
  let keys = 0
  const execute = async (command: Command, isAlone: boolean): Promise<Outcome> => {
    // What has a key is not answered by a plain read: several at once keep their order.
    const key = `key ${(keys += 1)} ${String([...capacities.keys()])}`
    const outcome = outcomeOf(await engine.execute(command, isAlone ? {} : underKey(key)))
    if ('booking' in outcome) ok(outcome.booking.id > 0, 'a booking is known by its id')
    if ('entry' in outcome) ok(outcome.entry.id > 0, 'an entry is known by its id')
    return outcome
  }
  return {
    async createEvent(settings, tenantId) {
      const command = asCaller({ tenantId }, createEventCommand(settings))
      const { id } = eventOf(await engine.execute(command))
      capacities.set(id, settings.totalSeats)
      return id
    },
    now: () => clock.now,
    advance: (seconds) => clock.advance(seconds),
    execute: (commands) =>
      Promise.all(commands.map((command) => execute(command, commands.length === 1))),
    async look(eventId) {
      await untilEnded(pool, eventId)
      return readSnapshot(pool, eventId, capacities.get(eventId) ?? 0)
    },
  }
}

/** Settles when nothing is left of the event, if it is cancelled. */
function untilEnded(pool: pg.Pool, eventId: number): Promise<boolean> {
  return until(async () => {
    const { rows } = await pool.query(
      `SELECT FROM events WHERE id = $1
       AND status = 'cancelled' AND taken + waiting > 0 AND deleted_at IS NULL`,
      [eventId],
    )
    return rows.length === 0
  })
}

t.test('the engine on PostgreSQL agrees with the model', async (t) => {
  const database = await createTestDatabase(t)
  const clock = await takeOverClock(database)
  const { reservations } = startEngine(t, database.url)
  const createSystem = (): System => createRealSystem(database, clock, reservations)
  await runScripts(t, createSystem, { runs: 60, maxRounds: 40 })
})
