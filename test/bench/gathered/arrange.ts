import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { BACKGROUND, CONFIRMED, WARM_UP_MS, type Sizes } from './sizes.ts'

/** The events of the scenario, by what happens to them. */
export interface Gathering {
  /** A: its holds expire. */
  readonly expiring: number
  /** B: so do these. */
  readonly filling: number
  /** C: its line is served. */
  readonly waiting: number
  /** D: it is deleted. */
  readonly deleted: number
  readonly others: readonly number[]
  /** When the holds expire. */
  readonly instant: Date
}

/** More than the background can book. */
const ROOM = 10_000_000

/** How much longer than bookings the holds may take to be written, and to be vacuumed after. */
const CAUTION = 4
const SLACK_MS = 5000

/**
 * Brings all that gathers into the tables, by the plain SQL that anybody may use, and chooses the
 * instant: late enough for the holds to be there, and the warm-up to be over, when it comes.
 */
export async function gather(pool: pg.Pool, sizes: Sizes): Promise<Gathering> {
  const others = await insertEvents(pool, ROOM, BACKGROUND.events)
  const waiting = await insertEvent(pool, CONFIRMED)
  await insertBookings(pool, waiting, CONFIRMED)
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT $1::int, 'line-' || n FROM generate_series(1, $2::int) AS n ORDER BY n`,
    [waiting, sizes.waiting],
  )
  const deleted = await insertEvent(pool, sizes.deleted)
  const startedAt = performance.now()
  await insertBookings(pool, deleted, sizes.deleted)
  const tookMs = performance.now() - startedAt
  await pool.query('VACUUM (ANALYZE) events, bookings, waitlist_entries')

  const holds = sizes.expiring + sizes.filling
  const holdsMs = SLACK_MS + CAUTION * tookMs * (holds / sizes.deleted)
  const instant = new Date(Date.now() + WARM_UP_MS + holdsMs)
  const expiring = await insertHolds(pool, sizes.expiring, instant)
  const filling = await insertHolds(pool, sizes.filling, instant)
  await pool.query('VACUUM (ANALYZE) events, bookings')
  await pool.query('CHECKPOINT')
  return { expiring, filling, waiting, deleted, others, instant }
}

/** @throws Error where too little of the time before the instant is left for a warm-up */
export async function untilWarmUp({ instant }: Gathering): Promise<void> {
  const leftMs = instant.getTime() - Date.now() - WARM_UP_MS
  if (leftMs < 0) throw new Error('gathered: the holds were written too slowly: run it again')
  await delay(leftMs)
}

async function insertHolds(pool: pg.Pool, count: number, expiresAt: Date): Promise<number> {
  const eventId = await insertEvent(pool, count)
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT $1::int, 'hold-' || n, 'held', $3 FROM generate_series(1, $2::int) AS n`,
    [eventId, count, expiresAt],
  )
  return eventId
}

async function insertBookings(pool: pg.Pool, eventId: number, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO bookings (event_id, user_id)
     SELECT $1::int, 'early-' || n FROM generate_series(1, $2::int) AS n`,
    [eventId, count],
  )
}

async function insertEvent(pool: pg.Pool, totalSeats: number): Promise<number> {
  const [id] = await insertEvents(pool, totalSeats, 1)
  if (id === undefined) throw new Error('no event was inserted')
  return id
}

async function insertEvents(pool: pg.Pool, totalSeats: number, count: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats)
     SELECT 'Event ' || n, $1::int FROM generate_series(1, $2::int) AS n RETURNING id`,
    [totalSeats, count],
  )
  return rows.map(({ id }) => id)
}
