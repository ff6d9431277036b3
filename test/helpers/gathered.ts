import type pg from 'pg'
import type { Test } from 'tap'

/** How much of an event is settled in one transaction, lowered so that a little is much. */
export const BOUND = 20

/** A service that settles little at a time. */
export const IN_PIECES = { MAX_SETTLED_PER_BATCH: String(BOUND) }

const PATIENCE_MS = 60_000

export interface Given {
  readonly totalSeats: number
  readonly maxSeatsPerBooking?: number
  /** Bookings of one seat: of `early-1`, `early-2` … */
  readonly confirmed?: number
  /** Holds of one seat that have expired: of `hold-1`, which expired first, and so on. */
  readonly expired?: number
  /** Holds of one seat that last for another hour: of `live-1` … */
  readonly live?: number
  /** Those in line and the seats they wait for, if that is not one: `line-1`, `line-2` … */
  readonly line?: number | readonly number[]
}

/** Brings an event into the tables, by SQL, with all that has gathered on it; its id. */
export async function gather(pool: pg.Pool, given: Given): Promise<number> {
  const { totalSeats, maxSeatsPerBooking = 1, line = 0 } = given
  const { confirmed = 0, expired = 0, live = 0 } = given
  const seats = typeof line === 'number' ? Array.from({ length: line }, () => 1) : line
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, max_seats_per_booking)
     VALUES ('Gathered', $1, $2) RETURNING id`,
    [totalSeats, maxSeatsPerBooking],
  )
  const id = rows[0]?.id ?? 0
  await pool.query(
    `INSERT INTO bookings (event_id, user_id)
     SELECT $1::int, 'early-' || n FROM generate_series(1, $2::int) AS n`,
    [id, confirmed],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, created_at, expires_at)
     SELECT $1::int, 'hold-' || n, 'held', now() - interval '1 hour',
       now() - interval '1 minute' + n * interval '1 ms'
     FROM generate_series(1, $2::int) AS n`,
    [id, expired],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT $1::int, 'live-' || n, 'held', now() + interval '1 hour'
     FROM generate_series(1, $2::int) AS n`,
    [id, live],
  )
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id, seats)
     SELECT $1::int, 'line-' || n, seats
     FROM unnest($2::int[]) WITH ORDINALITY AS line (seats, n) ORDER BY n`,
    [id, seats],
  )
  await pool.query('ANALYZE events, bookings, waitlist_entries')
  return id
}

/** `line-1`, `line-2` … */
export function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`)
}

export async function bookingOf(pool: pg.Pool, eventId: number, userId: string): Promise<number> {
  const { rows } = await pool.query<{ id: number | string }>(
    'SELECT id FROM bookings WHERE event_id = $1 AND user_id = $2',
    [eventId, userId],
  )
  const [row] = rows
  if (row === undefined) throw new Error(`${userId} has no booking`)
  return Number(row.id)
}

/** Waits until none of the events has an expired hold, or anybody in line, left. */
export function untilSettled(pool: pg.Pool, ...eventIds: readonly number[]): Promise<void> {
  return untilGone(
    pool,
    `SELECT FROM waitlist_entries WHERE event_id = ANY($1)
     UNION ALL SELECT FROM bookings
     WHERE event_id = ANY($1) AND status = 'held' AND expires_at <= now()`,
    eventIds,
  )
}

/** Waits until nothing is left of a cancelled event but itself. */
export function untilEnded(pool: pg.Pool, eventId: number): Promise<void> {
  return untilGone(
    pool,
    `SELECT FROM events WHERE id = ANY($1) AND status <> 'cancelled'
     UNION ALL SELECT FROM bookings WHERE event_id = ANY($1)
     UNION ALL SELECT FROM waitlist_entries WHERE event_id = ANY($1)`,
    [eventId],
  )
}

/** Waits until an event and all that belonged to it is gone from the tables. */
export function untilPurged(pool: pg.Pool, eventId: number): Promise<void> {
  return untilGone(
    pool,
    `SELECT FROM events WHERE id = ANY($1)
     UNION ALL SELECT FROM bookings WHERE event_id = ANY($1)
     UNION ALL SELECT FROM waitlist_entries WHERE event_id = ANY($1)`,
    [eventId],
  )
}

/** Waits until nothing of that is left: much is to be done, so more patiently than others wait. */
async function untilGone(pool: pg.Pool, rows: string, eventIds: readonly number[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while ((await pool.query(`${rows} LIMIT 1`, [eventIds])).rowCount !== 0) {
    if (Date.now() > deadline) throw new Error(`there still is a row of: ${rows}`)
  }
}

/** A change, as the history tells it. */
export interface Told {
  readonly type: string
  readonly user: string | null
}

/** The history of an event in its order, which is checked to be without gaps. */
export async function historyOf(t: Test, pool: pg.Pool, eventId: number): Promise<Told[]> {
  const { rows } = await pool.query<Told & { sequence: string }>(
    `SELECT h.first_sequence + c.place - 1 AS sequence,
       c.change->>'type' AS type, c.change->>'user_id' AS user
     FROM event_history h
     CROSS JOIN LATERAL jsonb_array_elements(h.changes::jsonb) WITH ORDINALITY AS c (change, place)
     WHERE h.event_id = $1 ORDER BY sequence`,
    [eventId],
  )
  const numbers = rows.map(({ sequence }) => Number(sequence))
  t.same(
    numbers,
    numbers.map((_, i) => i + 1),
    `the history of ${eventId} is without gaps`,
  )
  return rows.map(({ type, user }) => ({ type, user }))
}

/** Of a history, the users to whom one kind of thing happened, in order. */
export function usersOf(history: readonly Told[], type: string): (string | null)[] {
  return history.filter((told) => told.type === type).map(({ user }) => user)
}

/** Who is booked at an event, expired holds included; checked against its counter and capacity. */
export async function bookedAt(t: Test, pool: pg.Pool, eventId: number): Promise<string[]> {
  const { rows } = await pool.query<{ users: string[]; is_true: boolean }>(
    `SELECT array_remove(array_agg(b.user_id::text ORDER BY b.id), NULL) AS users,
       e.taken = coalesce(sum(b.seats), 0) AND e.taken <= e.total_seats AS is_true
     FROM events e LEFT JOIN bookings b ON b.event_id = e.id WHERE e.id = $1 GROUP BY e.id`,
    [eventId],
  )
  t.ok(rows[0]?.is_true, `event ${eventId} is not oversold, and its counter is true`)
  return rows[0]?.users ?? []
}
