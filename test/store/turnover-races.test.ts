import t, { type Test } from 'tap'
import { prune } from '../../src/store/turnover.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookingOf, isReplayed, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import {
  insertion,
  KEYS,
  namesIn,
  NEXT,
  slotAt,
  turnOver,
  turnOverUnlocked,
} from '../helpers/rings.ts'
import { openSession, untilBlocked, untilRow } from '../helpers/sessions.ts'

// The promise: whatever else is at work on a slot, nothing that is remembered is lost, and nobody is held up.

/** A database in which turn_over waits for its lock for longer, so that no test turns on time. */
async function createPatient(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  await database.pool.query(`ALTER FUNCTION turn_over(text) SET lock_timeout TO '60s'`)
  return database
}

/** A key is stored in a slot of old ones, and committed while turn_over waits to empty that. */
async function raceWithWriter(t: Test, { pool, url }: TestDatabase): Promise<unknown> {
  await pool.query(insertion(KEYS, NEXT, 1, '2 days'))
  const writer = await openSession(t, { pool, url }, insertion(KEYS, NEXT, 2, '0'))
  const turn = turnOver(pool, KEYS)
  await untilBlocked(pool, writer)
  await writer.query('COMMIT')
  return turn
}

t.test('a key that is stored meanwhile is never lost', async (t) => {
  const database = await createPatient(t)
  t.equal(await raceWithWriter(t, database), 'young')
  t.same(await namesIn(database.pool, KEYS), ['1', '2'])
})

/** Leaves something out of the function, to see what it is for. */
async function weaken({ pool }: TestDatabase, part: RegExp, rest: string): Promise<void> {
  const { rows } = await pool.query<{ source: string }>(
    `SELECT pg_get_functiondef('turn_over(text)'::regprocedure) AS source`,
  )
  const source = rows[0]?.source ?? ''
  const weak = source.replace(part, rest)
  if (weak === source) throw new Error('nothing of turn_over was left out')
  await pool.query(weak)
}

t.test('it would be, without the look that follows the lock', async (t) => {
  const database = await createPatient(t)
  await weaken(database, /(IN ACCESS EXCLUSIVE MODE'.*?;).*?END IF;/s, '$1')
  t.equal(await raceWithWriter(t, database), 'truncated')
  t.same(await namesIn(database.pool, KEYS), [])
})

/** Two empty the same slot, held up together until both have come as far as they get. */
async function raceOfTwo(t: Test, database: TestDatabase): Promise<unknown[]> {
  const { pool } = database
  await pool.query(insertion(KEYS, NEXT, 1, '2 days'))
  const { rows } = await pool.query<{ slot: number }>(`SELECT ${slotAt(KEYS, NEXT)} AS slot`)
  // The mode of vacuum: whoever reads or writes is not kept from it.
  const vacuum = `LOCK TABLE idempotency_keys_${rows[0]?.slot} IN SHARE UPDATE EXCLUSIVE MODE`
  const holder = await openSession(t, database, vacuum)
  const turns = [turnOver(pool, KEYS), turnOver(pool, KEYS)]
  const ends = Promise.allSettled(turns)
  await untilRow(
    pool,
    `SELECT FROM pg_stat_activity WHERE datname = current_database()
     AND query LIKE 'SELECT turn_over%' AND wait_event_type = 'Lock' HAVING count(*) = 2`,
  )
  await holder.rollback()
  return (await ends).map((end) =>
    end.status === 'fulfilled' ? end.value : (end.reason as { code: unknown }).code,
  )
}

t.test('of two that empty a slot at once one does, and the other finds it empty', async (t) => {
  const ends = await raceOfTwo(t, await createPatient(t))
  t.same(ends.toSorted(), ['empty', 'truncated'])
})

t.test('they would deadlock, without the lock that comes first', async (t) => {
  const database = await createPatient(t)
  await weaken(database, /EXECUTE [^;]*IN SHARE UPDATE EXCLUSIVE MODE[^;]*;/, '')
  t.ok((await raceOfTwo(t, database)).includes('40P01'))
})

t.test('who reads a slot for long keeps it, and nobody else from their work', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const { reservations } = startEngine(t, database.url)
  const eventId = await createEvent(pool, 10)
  await pool.query(insertion(KEYS, NEXT, 1, '2 days'))
  const reader = await openSession(t, database, 'SELECT FROM idempotency_keys')
  t.equal(await turnOver(pool, KEYS), 'locked')
  const answer = await reservations.execute(plainReserve(eventId, 'ann'), underKey('k'))
  t.match(bookingOf(answer), { userId: 'ann' })
  await reader.rollback()
  t.equal(await turnOverUnlocked(pool, KEYS), 'truncated')
})

t.test('two processes at once, while keys are stored: no key is lost', async (t) => {
  const database = await createPatient(t)
  const { pool } = database
  const engines = [startEngine(t, database.url), startEngine(t, database.url)] as const
  const eventId = await createEvent(pool, 1000)
  const users = Array.from({ length: 200 }, (_, i) => `user ${i}`)
  const ask = (user: string, i: number) =>
    engines[i % 2 === 0 ? 0 : 1].reservations.execute(plainReserve(eventId, user), underKey(user))
  let isOver = false
  const pruning = engines.map(async ({ prisma }, i) => {
    for (let n = 0; !isOver; n += 1) {
      await pool.query(insertion(KEYS, NEXT, 10_000 * (i + 1) + n, '2 days'))
      await prune(prisma, KEYS.table)
    }
  })
  const first = await Promise.all(users.map(ask))
  isOver = true
  await Promise.all(pruning)
  const again = await Promise.all(users.toReversed().map(ask))
  t.ok(first.every((answer) => !isReplayed(answer)))
  t.ok(again.every(isReplayed))
})
