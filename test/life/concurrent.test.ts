import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { takeOverClock } from '../helpers/clock.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { createEvent } from '../helpers/race.ts'
import { projectDir } from '../helpers/run-state.ts'
import { seedFor } from '../helpers/random.ts'
import { DIFFERENCES } from '../helpers/waitlist-blocks.ts'
import { check } from './replay.ts'
import { storm, type Tally } from './storm.ts'
import { readSnapshot } from './tables.ts'

// Random commands from several engines at once on the same few events, while time passes. Nobody
// can say what must come out; what must hold in any case is in replay.ts.

const CAPACITY = 6
const COMMANDS = 600

/** What must have happened, so that there was something to see. */
const HISTORY = [
  ...['booked', 'held', 'confirmed', 'extended', 'resized', 'cancelled', 'released', 'expired'],
  ...['promoted', 'waitlisted', 'left_waitlist', 'capacity_changed', 'metadata_changed'],
]

async function createEvents({ pool }: TestDatabase): Promise<number[]> {
  const common = { maxSeatsPerBooking: 3, holdSeconds: 3 }
  return [
    await createEvent(pool, CAPACITY, { ...common, waitlistPromotesTo: 'confirmed' }),
    await createEvent(pool, CAPACITY, { ...common, waitlistPromotesTo: 'held' }),
    await createEvent(pool, CAPACITY, { ...common, waitlistPromotesTo: 'held' }),
  ]
}

async function checkAll(
  t: Test,
  { pool }: TestDatabase,
  eventIds: readonly number[],
  tallies: readonly Tally[],
): Promise<void> {
  const seen = new Set<string>()
  let changes = 0
  for (const eventId of eventIds) {
    const snapshot = await readSnapshot(pool, eventId, CAPACITY)
    changes += snapshot.history.at(-1)?.last ?? 0
    for (const type of check(snapshot)) seen.add(type)
  }
  t.same(
    HISTORY.filter((type) => !seen.has(type)),
    [],
    'everything happened',
  )
  t.same((await pool.query(DIFFERENCES)).rows, [], 'the blocks of lines are counted right')
  t.ok(changes > COMMANDS / 3, `${changes} changes`)
  for (const tally of tallies) {
    t.comment(JSON.stringify(tally))
    for (const kind of ['booking', 'waiting', 'done', 'already_booked', 'booking_not_found']) {
      t.ok(tally[kind], `each storm came to ${kind}`)
    }
  }
}

t.test('three engines in one process', async (t) => {
  const seed = seedFor(t)
  const database = await createTestDatabase(t)
  await takeOverClock(database)
  const eventIds = await createEvents(database)
  const tallies = await Promise.all(
    [1, 2, 3].map((n) => {
      const options = { seed: seed + n, commands: COMMANDS }
      return storm(startEngine(t, database.url).reservations, database.pool, eventIds, options)
    }),
  )
  await checkAll(t, database, eventIds, tallies)
})

t.test('three processes', async (t) => {
  const seed = seedFor(t)
  const database = await createTestDatabase(t)
  await takeOverClock(database)
  const eventIds = await createEvents(database)
  const child = fileURLToPath(new URL('fixtures/storm-child.ts', import.meta.url))
  const tallies = await Promise.all(
    [4, 5, 6].map(async (n): Promise<Tally> => {
      const options = { seed: seed + n, commands: COMMANDS }
      const task = JSON.stringify({ url: database.url, eventIds, options })
      const args = ['--import=tsx', child, task]
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectDir })
      return JSON.parse(stdout) as Tally
    }),
  )
  await checkAll(t, database, eventIds, tallies)
})
