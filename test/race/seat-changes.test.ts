import type pg from 'pg'
import t, { type Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { seatingOf } from '../domain/seating/halls.ts'
import { blockSeats, plainReserve, resize, setSeating } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { bookingOf } from '../helpers/outcomes.ts'
import { crowd } from '../helpers/race.ts'
import { brokenInvariants } from '../life/invariants.ts'
import { check } from '../life/replay.ts'
import { readSnapshot } from '../life/tables.ts'
import { executeInProcesses, executeWithoutLocks, raceOf, type Execute } from './executors.ts'
import { createNumbered, holdersOf, named, rowOf } from './numbered.ts'

// Seats that move, that go, or that are taken from sale, while others ask for them.

const SEATS = 6
const CLIENTS = 30
const ROUNDS = 6
const WANTED = 'A-1-3'

interface Race {
  readonly name: string
  /** What is asked for beside the reservations of the wanted seat. */
  readonly commands: (execute: Execute, eventId: number) => Promise<Command[]>
  /** What else must hold of the answers. */
  readonly isRight: (counts: Record<string, number>) => boolean
}

const RACES: readonly Race[] = [
  {
    name: 'a booking is moved to it',
    commands: async (execute, eventId) => {
      const lines = [named('A-1-1')]
      const made = await execute(plainReserve(eventId, 'ann', { lines }))
      const { id } = bookingOf(made)
      return [{ ...resize(eventId, id, 1), lines: [named(WANTED)] }]
    },
    isRight: (counts) => (counts['resize: booking'] ?? 0) + (counts['reserve: booking'] ?? 0) === 1,
  },
  {
    name: 'the seats are numbered anew without it',
    commands: async (_, eventId) => [setSeating(eventId, seatingOf(rowOf(SEATS, 3)), 'after')],
    isRight: (counts) =>
      (counts['set_seating: seating'] ?? 0) + (counts['reserve: booking'] ?? 0) === 1,
  },
  {
    name: 'it is taken from sale',
    commands: async (_, eventId) => [blockSeats(eventId, [WANTED])],
    isRight: (counts) =>
      (counts['block_seats: done'] ?? 0) + (counts['reserve: booking'] ?? 0) === 1,
  },
]

interface Raced {
  readonly eventId: number
  readonly counts: Record<string, number>
}

async function run(pool: pg.Pool, execute: Execute, race: Race, round: number): Promise<Raced> {
  const eventId = await createNumbered(pool, execute, SEATS)
  const commands = await race.commands(execute, eventId)
  const reserves = crowd(eventId, CLIENTS).map(({ userId }) =>
    plainReserve(eventId, userId, { lines: [named(WANTED)] }),
  )
  // By turns the first, or among the first.
  const before = round % 3
  const all = [...reserves.slice(0, before), ...commands, ...reserves.slice(before)]
  return { eventId, counts: await raceOf(execute, all) }
}

t.test('two processes on one database', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const execute = await executeInProcesses(t, url)
  for (const race of RACES) {
    await t.test(`${race.name}: one has the seat`, async (t) => {
      const seen = new Set<string>()
      for (let round = 0; round < ROUNDS; round += 1) {
        const { eventId, counts } = await run(pool, execute, race, round)
        t.ok(race.isRight(counts), JSON.stringify(counts))
        const holders = Object.values(await holdersOf(pool, eventId))
        for (const holder of holders) t.strictSame(holder, [1, 1])
        check(await readSnapshot(pool, eventId, 10_000))
        for (const word of Object.keys(counts)) seen.add(word)
      }
      t.strictSame(await brokenInvariants(pool), {})
      t.ok(seen.has('reserve: booking'), `it came to ${[...seen].join(', ')}`)
    })
  }
})

/** Without its locks, and without what PostgreSQL itself keeps of numbers. */
async function unprotected(t: Test) {
  const { url, pool } = await createTestDatabase(t)
  await pool.query('ALTER TABLE taken_seats DROP CONSTRAINT taken_seats_pkey')
  await pool.query('ALTER TABLE blocked_seats DROP CONSTRAINT blocked_seats_pkey')
  // Two that write the same numbers of a history collide there, as long as they may not.
  await pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  return { pool, execute: executeWithoutLocks(t, url) }
}

for (const race of RACES) {
  t.test(`the control: without the lock and the keys it is seen, where ${race.name}`, async (t) => {
    const { pool, execute } = await unprotected(t)
    let wrong: Record<string, number> | undefined
    for (let round = 0; round < 50 && wrong === undefined; round += 1) {
      const { counts } = await run(pool, execute, race, round)
      const [other = ''] = Object.keys(counts).filter((word) => /^(resize|set|block)/.test(word))
      const isBoth = !/: (failed|seats_taken)$/.test(other) && (counts['reserve: booking'] ?? 0) > 0
      if (isBoth) wrong = counts
    }
    t.ok(wrong, JSON.stringify(wrong))
  })
}
