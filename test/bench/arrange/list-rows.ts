import type pg from 'pg'
import { withoutForeignKeys } from './rows.ts'

interface Sizes {
  readonly events: number
  readonly bookings: number
  readonly inLine: number
  readonly facts: number
}

export interface ListRows extends Sizes {
  /** An event with a tenth of all bookings, and a history. */
  readonly event: number
  /** One that is full, with a line. */
  readonly full: number
}

const ROOM = 100_000_000

/**
 * Writes rows that are found as hard as they can be: names and starts in another order than ids, and
 * what a filter lets through at the end, behind all that it does not.
 */
export async function insertLists(pool: pg.Pool, sizes: Sizes): Promise<ListRows> {
  const event = await insertEvents(pool, sizes.events)
  await withoutForeignKeys(pool, () => insertBookings(pool, event, sizes))
  const full = await insertLine(pool, sizes.inLine)
  await insertHistory(pool, event, sizes.facts)
  return { ...sizes, event, full }
}

/** The last tenth are galas, and yet to come; a tenth of the others have no start. */
async function insertEvents(pool: pg.Pool, count: number): Promise<number> {
  const { rows } = await pool.query<{ first: number }>(
    `WITH inserted AS (
       INSERT INTO events (name, total_seats, starts_at)
       SELECT left(md5(n::text), 8) || CASE WHEN n > $1::int * 0.9 THEN ' gala' ELSE ' concert' END,
         $2::int,
         date_trunc('second', now()) + CASE
           WHEN n > $1::int * 0.9 THEN interval '30 days' + n * 7919 % 1000003 * interval '1 s'
           WHEN n % 10 > 0 THEN -interval '30 days' - n * 7919::bigint % 1000003 * interval '1 s'
         END
       FROM generate_series(1, $1::bigint) AS n ORDER BY n RETURNING id)
     SELECT min(id) AS first FROM inserted`,
    [count, ROOM],
  )
  return rows[0]?.first ?? 0
}

/** A tenth are of the one event, a tenth of a user who is everywhere; the last tenth are holds. */
async function insertBookings(
  pool: pg.Pool,
  event: number,
  { events, bookings }: Sizes,
): Promise<void> {
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT
       CASE n % 10 WHEN 0 THEN $1::int WHEN 1 THEN $1::int + n / 10 ELSE $1::int + n % $3::int END,
       CASE n % 10 WHEN 1 THEN 'regular' ELSE 'user-' || n END,
       CASE WHEN n > $2::int * 0.9 THEN 'held' ELSE 'confirmed' END,
       CASE WHEN n > $2::int * 0.9 THEN now() + interval '1 day' END
     FROM generate_series(1, $2::int) AS n ORDER BY n`,
    [event, bookings, events],
  )
}

async function insertLine(pool: pg.Pool, count: number): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats) VALUES ('0000000 full', 0) RETURNING id`,
  )
  const id = rows[0]?.id ?? 0
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT $1::int, 'line-' || n FROM generate_series(1, $2::int) AS n ORDER BY n`,
    [id, count],
  )
  return id
}

/** Ten facts a commit. */
async function insertHistory(pool: pg.Pool, event: number, facts: number): Promise<void> {
  await pool.query(
    `INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
     SELECT $1::int, n * 10 - 9, n * 10, now(), (
       SELECT json_agg(json_build_object('type', 'booked', 'user_id', 'user-' || n * 10 + i,
         'booking_id', n * 10 + i, 'seats_before', 0, 'seats_after', 1, 'status', 'confirmed'))
       FROM generate_series(0, 9) AS i)
     FROM generate_series(1, $2::int / 10) AS n`,
    [event, facts],
  )
}
