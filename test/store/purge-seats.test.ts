import type pg from 'pg'
import t, { type Test } from 'tap'
import { MAX_PURGED, purgePiece, type PurgeProgress } from '../../src/store/purge.ts'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { openSession } from '../helpers/sessions.ts'
import { touching } from '../helpers/touched.ts'

// The promise: however many numbered seats a deleted event has, taken or blocked, no transaction that
// removes it writes more rows than the bound.

/** Of the event and its pool, which the triggers write with each statement. */
const COUNTERS = 10

const BLOCKED = 2 * MAX_PURGED
const LABELS = 200

interface Given {
  /** Of them the first have the most labels. */
  readonly labelsOf: readonly number[]
  readonly blocked: number
}

/** A deleted event in the tables, of which bookings have numbered seats; its id. */
async function gatherHall(pool: pg.Pool, { labelsOf, blocked }: Given): Promise<number> {
  const seats = labelsOf.reduce((all, each) => all + each, 0) + blocked
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, deleted_at) VALUES ('Hall', $1, now()) RETURNING id`,
    [seats],
  )
  const id = rows[0]?.id ?? 0
  await pool.query(`INSERT INTO event_pools (event_id, key, capacity) VALUES ($1, 'a', $2)`, [
    ...[id, seats],
  ])
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, seats, lines)
     SELECT $1::int, 'user-' || n, count, jsonb_build_array(jsonb_build_object(
       'ticket_type', 'type', 'seats', count, 'pools', '["a"]'::jsonb, 'labels', ARRAY(
         SELECT n || '-' || seat FROM generate_series(1, count) AS seat)))
     FROM unnest($2::int[]) WITH ORDINALITY AS b (count, n)`,
    [id, labelsOf],
  )
  await pool.query(
    `INSERT INTO blocked_seats (event_id, label, pool)
     SELECT $1::int, 'blocked-' || n, CASE WHEN n % 2 = 0 THEN 'a' END
     FROM generate_series(1, $2::int) AS n`,
    [id, blocked],
  )
  return id
}

/** Purges until nothing is left; gives what each transaction has written. */
async function purgeCounting(prisma: PrismaClient): Promise<number[]> {
  const touched: number[] = []
  let progress: PurgeProgress | null = null
  do {
    const [reached, rows]: [PurgeProgress | null, number] = await prisma.$transaction((tx) =>
      touching(tx, () => purgePiece(tx, progress)),
    )
    progress = reached
    touched.push(rows)
  } while (progress !== null)
  return touched
}

async function leftOf(pool: pg.Pool, eventId: number): Promise<Record<string, number> | undefined> {
  const { rows } = await pool.query<Record<string, number>>(
    `SELECT (SELECT count(*) FROM events WHERE id = $1)::int AS events,
       (SELECT count(*) FROM bookings WHERE event_id = $1)::int AS bookings,
       (SELECT count(*) FROM blocked_seats WHERE event_id = $1)::int AS blocked,
       (SELECT count(*) FROM taken_seats WHERE event_id = $1)::int AS taken`,
    [eventId],
  )
  return rows[0]
}

const NOTHING = { events: 0, bookings: 0, blocked: 0, taken: 0 }

function checkBounded(t: Test, touched: readonly number[], bound: number): void {
  const most = Math.max(...touched)
  t.ok(most <= bound + COUNTERS, `at most ${bound} rows and counters: ${touched.join(', ')}`)
}

t.test('no piece writes more rows than the bound', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const labelsOf = Array.from({ length: (3 * MAX_PURGED) / LABELS }, () => LABELS)
  const eventId = await gatherHall(database.pool, { labelsOf, blocked: BLOCKED })
  const touched = await purgeCounting(prisma)
  checkBounded(t, touched, MAX_PURGED)
  const rows = labelsOf.length * (LABELS + 1) + 2 * BLOCKED
  const all = touched.reduce((sum, each) => sum + each, 0)
  t.ok(all >= rows, 'cascades and triggers are counted')
  // A piece that is all but full is one that need not come again.
  t.ok(touched.length <= rows / MAX_PURGED + 5, `in few pieces: ${touched.length}`)
  t.same(await leftOf(database.pool, eventId), NOTHING)
})

t.test('the control: removed at once, an event takes more with it', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const eventId = await gatherHall(database.pool, { labelsOf: [], blocked: BLOCKED })
  const [, touched] = await prisma.$transaction((tx) =>
    touching(tx, () => tx.$executeRaw`DELETE FROM events WHERE id = ${eventId}::int`),
  )
  t.ok(touched >= 2 * BLOCKED, `${touched} rows`)
})

t.test('a booking that has more seats than the bound goes by itself', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const labelsOf = [MAX_PURGED + 1, 1, MAX_PURGED + 1]
  const eventId = await gatherHall(database.pool, { labelsOf, blocked: 0 })
  checkBounded(t, await purgeCounting(prisma), MAX_PURGED + 2)
  t.same(await leftOf(database.pool, eventId), NOTHING)
})

t.test('a blocked seat that somebody holds locked keeps nothing else', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const { prisma } = startEngine(t, database.url)
  const locked = await gatherHall(pool, { labelsOf: [2], blocked: 3 })
  const other = await gatherHall(pool, { labelsOf: [2], blocked: 3 })
  const session = await openSession(
    t,
    database,
    `SELECT FROM blocked_seats WHERE event_id = $1 AND label = 'blocked-2' FOR UPDATE`,
    [locked],
  )
  await purgeCounting(prisma)
  t.same(await leftOf(pool, locked), { events: 1, bookings: 0, blocked: 1, taken: 1 })
  t.same(await leftOf(pool, other), NOTHING)
  await session.rollback()
  await purgeCounting(prisma)
  t.same(await leftOf(pool, locked), NOTHING)
})
