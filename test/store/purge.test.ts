import type pg from 'pg'
import t, { type Test } from 'tap'
import { createPurger } from '../../src/engine/purger.ts'
import { MAX_PURGED, purgePiece } from '../../src/store/purge.ts'
import { testConfig } from '../helpers/app.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookedAt, bookingOf, gather, named, type Given } from '../helpers/gathered.ts'
import { lockEvent, openSession, untilBlocked } from '../helpers/sessions.ts'

// The promise: the rows of a deleted event go in pieces of a bounded size, and nobody who has some
// of them locked keeps the others, or fails the purge.

type Purge = ReturnType<typeof createPurger>

interface Left {
  readonly bookings: number
  readonly entries: number
  /** Counted of them in blocks. */
  readonly inBlocks: number
  readonly events: number
}

const NOTHING: Left = { bookings: 0, entries: 0, inBlocks: 0, events: 0 }

/** Brings an event into the tables that is deleted, and not yet purged. */
async function gatherDeleted(pool: pg.Pool, given: Given): Promise<number> {
  const eventId = await gather(pool, given)
  await pool.query('UPDATE events SET deleted_at = now() WHERE id = $1', [eventId])
  return eventId
}

/** What is left in the tables of an event. */
async function leftOf(pool: pg.Pool, eventId: number): Promise<Left> {
  const { rows } = await pool.query<Left>(
    `SELECT
       (SELECT count(*) FROM bookings WHERE event_id = $1)::int AS bookings,
       (SELECT count(*) FROM waitlist_entries WHERE event_id = $1)::int AS entries,
       (SELECT COALESCE(sum(entries), 0) FROM waitlist_blocks
         WHERE event_id = $1 AND size = 512)::int AS "inBlocks",
       (SELECT count(*) FROM events WHERE id = $1)::int AS events`,
    [eventId],
  )
  return rows[0] ?? NOTHING
}

/** A purger with a pool of its own, as each process has one. */
function startPurger(t: Test, { url }: TestDatabase): Purge {
  return createPurger(startEngine(t, url).prisma, testConfig(url).database)
}

async function purgeAll(purge: Purge): Promise<void> {
  while (!(await purge()).isDone);
}

t.test('an event goes in pieces: bookings, entries, and its own row at last', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const totalSeats = 3 * MAX_PURGED
  const kept = await gather(pool, { totalSeats: 2, confirmed: 2, line: 1 })
  const eventId = await gatherDeleted(pool, {
    totalSeats,
    confirmed: 2 * MAX_PURGED - 1,
    expired: 1,
    live: 1,
    line: MAX_PURGED + 1,
  })
  const purge = startPurger(t, database)
  const seen: Left[] = []
  do seen.push(await leftOf(pool, eventId))
  while (!(await purge()).isDone)
  const line = { entries: MAX_PURGED + 1, inBlocks: MAX_PURGED + 1 }
  t.same(seen, [
    { bookings: 2 * MAX_PURGED + 1, ...line, events: 1 },
    { bookings: MAX_PURGED + 1, ...line, events: 1 },
    { bookings: 1, ...line, events: 1 },
    { bookings: 0, ...line, events: 1 },
    { bookings: 0, entries: 1, inBlocks: 1, events: 1 },
    { bookings: 0, entries: 0, inBlocks: 0, events: 1 },
    NOTHING,
  ])
  t.same(
    await leftOf(pool, kept),
    { bookings: 2, entries: 1, inBlocks: 1, events: 1 },
    'others stay',
  )
  t.same(await bookedAt(t, pool, kept), named('early', 2))
  t.same(await purge(), { isDone: true }, 'nothing is left to be done')
})

t.test('a booking that somebody holds locked keeps nothing else, and goes later', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const first = await gatherDeleted(pool, { totalSeats: 10, confirmed: 10, line: 3 })
  const second = await gatherDeleted(pool, { totalSeats: 10, confirmed: 10, line: 3 })
  const session = await openSession(t, database, 'SELECT FROM bookings WHERE id = $1 FOR UPDATE', [
    await bookingOf(pool, first, 'early-5'),
  ])
  const purge = startPurger(t, database)
  for (let round = 1; round <= 2; round += 1) {
    await purgeAll(purge)
    t.same(await leftOf(pool, first), { bookings: 1, entries: 0, inBlocks: 0, events: 1 })
    t.same(await leftOf(pool, second), NOTHING)
  }
  t.same(await bookedAt(t, pool, first), ['early-5'])
  await session.rollback()
  await purgeAll(purge)
  t.same(await leftOf(pool, first), NOTHING)
})

t.test('so does an entry of the waitlist, and an event', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const given = { totalSeats: 2, confirmed: 2, line: 2 }
  const lockedEvent = await gatherDeleted(pool, given)
  const lockedEntry = await gatherDeleted(pool, given)
  const free = await gatherDeleted(pool, given)
  const sessions = [
    await lockEvent(t, database, lockedEvent),
    await openSession(
      t,
      database,
      `SELECT FROM waitlist_entries WHERE event_id = $1 AND user_id = 'line-1' FOR UPDATE`,
      [lockedEntry],
    ),
  ]
  const purge = startPurger(t, database)
  await purgeAll(purge)
  t.same(await leftOf(pool, lockedEvent), { bookings: 2, entries: 2, inBlocks: 2, events: 1 })
  t.same(await leftOf(pool, lockedEntry), { bookings: 0, entries: 1, inBlocks: 1, events: 1 })
  t.same(await leftOf(pool, free), NOTHING)
  for (const session of sessions) await session.rollback()
  await purgeAll(purge)
  t.same(await leftOf(pool, lockedEvent), NOTHING)
  t.same(await leftOf(pool, lockedEntry), NOTHING)
})

t.test('an event that cannot be removed keeps no other', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const given = { totalSeats: 2, confirmed: 2, line: 2 }
  const tampered = await gatherDeleted(pool, given)
  const sound = await gatherDeleted(pool, given)
  await pool.query('UPDATE events SET waiting = 1 WHERE id = $1', [tampered])
  const purge = startPurger(t, database)
  for (let round = 1; round <= 2; round += 1) {
    await t.rejects(purgeAll(purge), /the transaction failed/)
    await purgeAll(purge)
    t.match(await leftOf(pool, tampered), { bookings: 0, entries: 2, events: 1 })
    t.same(await leftOf(pool, sound), NOTHING)
  }
  await pool.query('UPDATE events SET waiting = 2 WHERE id = $1', [tampered])
  await purgeAll(purge)
  t.same(await leftOf(pool, tampered), NOTHING)
})

t.test('two purgers at once get done with it together', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const given = { totalSeats: 3 * MAX_PURGED, confirmed: 3 * MAX_PURGED, line: 10 }
  const events = [await gatherDeleted(pool, given), await gatherDeleted(pool, given)]
  const purgers = [startPurger(t, database), startPurger(t, database)]
  await Promise.all(purgers.map(purgeAll))
  for (const eventId of events) t.same(await leftOf(pool, eventId), NOTHING)
})

t.test('a purger does not wait for what another one is at', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const first = await gatherDeleted(pool, { totalSeats: 10, confirmed: 10 })
  const second = await gatherDeleted(pool, { totalSeats: 10, confirmed: 10 })
  const { prisma } = startEngine(t, database.url)
  const other = startPurger(t, database)
  await prisma.$transaction(async (tx) => {
    t.match(await purgePiece(tx, null), { eventId: first })
    await purgeAll(other)
    t.same(await leftOf(pool, first), { bookings: 10, entries: 0, inBlocks: 0, events: 1 })
    t.same(await leftOf(pool, second), NOTHING)
  })
  await purgeAll(other)
  t.same(await leftOf(pool, first), NOTHING)
})

t.test('SQL that removes everything waits for a piece, no longer, and ends it', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const confirmed = MAX_PURGED + 10
  const eventId = await gatherDeleted(pool, { totalSeats: confirmed, confirmed, line: 10 })
  const { prisma } = startEngine(t, database.url)
  const session = await openSession(t, database)
  const [progress, deletion] = await prisma.$transaction(async (tx) => {
    const [own] = await tx.$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
    const reached = await purgePiece(tx, null)
    const removing = session.query('DELETE FROM bookings')
    await untilBlocked(pool, own)
    // In an array, as a promise by itself would be waited for before the commit.
    return [reached, [removing]] as const
  })
  await Promise.all(deletion)
  t.match(progress, { eventId })
  // The rest is removed, though not for others yet: their purge passes the event over.
  t.equal(await prisma.$transaction((tx) => purgePiece(tx, progress)), null)
  await session.query('DELETE FROM events')
  await session.query('COMMIT')
  t.equal(await prisma.$transaction((tx) => purgePiece(tx, progress)), null)
  t.same(await leftOf(pool, eventId), NOTHING)
})

t.test('SQL that removes everything while a purge is at it does no harm', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const given = { totalSeats: MAX_PURGED + 10, confirmed: MAX_PURGED + 10, line: 10 }
  const events = [await gatherDeleted(pool, given), await gatherDeleted(pool, given)]
  const purge = startPurger(t, database)
  t.same(await purge(), { isDone: false }, 'it has begun')
  await Promise.all([purgeAll(purge), pool.query('DELETE FROM bookings; DELETE FROM events')])
  for (const eventId of events) t.same(await leftOf(pool, eventId), NOTHING)
  t.same(await purge(), { isDone: true })
})
