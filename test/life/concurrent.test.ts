import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { takeOverClock } from '../helpers/clock.ts'
import { asCaller, createEventCommand } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { eventOf } from '../helpers/outcomes.ts'
import { programArgs } from '../helpers/programs.ts'
import { projectDir } from '../helpers/run-state.ts'
import { seedFor } from '../helpers/random.ts'
import { DIFFERENCES } from '../helpers/waitlist-blocks.ts'
import { brokenInvariants } from './invariants.ts'
import { check } from './replay.ts'
import { storm, type Tally } from './storm.ts'
import type { StormEvent } from './storm-commands.ts'
import { NUMBERED, setHall } from './storm-offer.ts'
import { readSnapshot } from './tables.ts'

// Random commands from several engines at once on the same few events of two tenants, while time
// passes. Nobody can say what must come out; what must hold in any case is in replay.ts.

const CAPACITY = 9
const COMMANDS = 480

/** What must have happened, so that there was something to see. */
const HISTORY = [
  ...['booked', 'held', 'confirmed', 'extended', 'resized', 'cancelled', 'released', 'expired'],
  ...['promoted', 'waitlisted', 'left_waitlist', 'capacity_changed', 'metadata_changed'],
  ...['reacquired', 'settings_changed', 'seating_changed', 'seats_blocked', 'seats_unblocked'],
]
/** What each storm came to, and what all of them did together. */
const OF_EACH = ['reserve: booking', 'reserve: waiting', 'reserve: already_booked', 'cancel: done']
const OF_ALL = [
  ...['reserve: sold_out', 'reserve: seats_taken', 'resize: booking', 'confirm: booking'],
  ...['confirm: sold_out', 'cancel: booking_not_found', 'block_seats: done'],
]

async function createEvents(t: Test, { url }: TestDatabase): Promise<StormEvent[]> {
  const { reservations } = startEngine(t, url)
  const create = async (
    tenantId: string,
    isNumbered: boolean,
    waitlistPromotesTo: 'held' | 'confirmed',
  ): Promise<StormEvent> => {
    const common = { totalSeats: CAPACITY, maxSeatsPerBooking: 3, holdSeconds: 3 }
    const settings = { ...common, waitlistPromotesTo, ...(isNumbered && NUMBERED) }
    const made = asCaller({ tenantId }, createEventCommand(settings))
    const { id } = eventOf(await reservations.execute(made))
    if (isNumbered) await reservations.execute(asCaller({ tenantId }, setHall(id, 0)))
    return { id, tenantId, isNumbered }
  }
  return [
    await create('default', false, 'held'),
    await create('default', true, 'confirmed'),
    await create('acme', true, 'held'),
  ]
}

async function checkAll(
  t: Test,
  { pool }: TestDatabase,
  events: readonly StormEvent[],
  tallies: readonly Tally[],
): Promise<void> {
  const seen = new Set<string>()
  let changes = 0
  for (const { id, tenantId } of events) {
    const snapshot = await readSnapshot(pool, id, CAPACITY)
    changes += snapshot.history.at(-1)?.last ?? 0
    for (const type of check(snapshot)) seen.add(type)
    t.same(snapshot.tenants, [tenantId], 'all is its owner’s')
  }
  const missing = HISTORY.filter((type) => !seen.has(type))
  t.same(missing, [], 'everything happened')
  t.same(await brokenInvariants(pool), {}, 'the tables say the same everywhere')
  t.same((await pool.query(DIFFERENCES)).rows, [], 'the blocks of lines are counted right')
  t.ok(changes > COMMANDS / 3, `${changes} changes`)
  for (const tally of tallies) {
    t.comment(JSON.stringify(tally))
    t.same(without(tally, OF_EACH), [], 'each storm was one')
  }
  t.same(without(Object.assign({}, ...tallies), OF_ALL), [], 'all was told')
}

function without(tally: Tally, words: readonly string[]): string[] {
  return words.filter((word) => !tally[word])
}

t.test('three engines in one process', async (t) => {
  const seed = seedFor(t)
  const database = await createTestDatabase(t)
  await takeOverClock(database)
  const events = await createEvents(t, database)
  const tallies = await Promise.all(
    [1, 2, 3].map((n) => {
      const options = { seed: seed + n, commands: COMMANDS }
      return storm(startEngine(t, database.url).reservations, database.pool, events, options)
    }),
  )
  await checkAll(t, database, events, tallies)
})

t.test('three processes', async (t) => {
  const seed = seedFor(t)
  const database = await createTestDatabase(t)
  await takeOverClock(database)
  const events = await createEvents(t, database)
  const program = await programArgs('storm')
  const tallies = await Promise.all(
    [4, 5, 6].map(async (n): Promise<Tally> => {
      const options = { seed: seed + n, commands: COMMANDS }
      const task = JSON.stringify({ url: database.url, events, options })
      const { stdout } = await promisify(execFile)(process.execPath, [...program, task], {
        cwd: projectDir,
      })
      return JSON.parse(stdout) as Tally
    }),
  )
  await checkAll(t, database, events, tallies)
})
