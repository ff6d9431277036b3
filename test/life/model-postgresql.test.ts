import { ok } from 'node:assert/strict'
import type pg from 'pg'
import t from 'tap'
import type { Reservations } from '../../src/engine/engine.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { Outcome } from '../../src/domain/outcomes.ts'
import { takeOverClock, type Clock } from '../helpers/clock.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { eventOf, outcomeOf, underKey } from '../helpers/outcomes.ts'
import { asCaller, createEventCommand } from '../helpers/commands.ts'
import { until } from '../helpers/until.ts'
import type { System } from './follow.ts'
import { runScripts } from './run-scripts.ts'
import { readSnapshot } from './tables.ts'

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
  await runScripts(t, createSystem, { runs: 20, maxRounds: 25 })
})
