import type pg from 'pg'
import { CONFIRMED, type Sizes } from './sizes.ts'
import type { Gathering } from './arrange.ts'

/** What the tables say in the end. */
export interface Truth {
  /** Events whose counter is not the sum of their bookings, or above their capacity. */
  readonly oversold: number
  /** Bookings of A and of B: those of the newcomers are to be all. */
  readonly bookingsA: number
  readonly bookingsB: number
  /** Holds of A and B whose end the history tells, once each. */
  readonly ended: number
  /** Of C's line, and of those who were booked with it before. */
  readonly bookingsC: number
  readonly promoted: number
  /** Of those, how many were served before or after their turn. */
  readonly outOfOrder: number
  /** Rows of history that don't begin where the one before ended. */
  readonly gaps: number
  /** The most changes that one commit made to one event. */
  readonly largestCommit: number
}

/** What must be so, in words; empty where all is. */
export function faultsOf(truth: Truth, { expiring, filling, waiting }: Sizes): string[] {
  const expected: Omit<Truth, 'largestCommit'> = {
    ...{ oversold: 0, bookingsA: 1, bookingsB: 1, ended: expiring + filling },
    ...{ bookingsC: CONFIRMED + waiting, promoted: waiting, outOfOrder: 0, gaps: 0 },
  }
  return Object.entries(expected)
    .map(([name, value]) => [name, value, truth[name as keyof Truth]] as const)
    .filter(([, value, actual]) => value !== actual)
    .map(([name, value, actual]) => `${name}: ${actual} instead of ${value}`)
}

/** Reads what the tables say of the events; takes seconds. */
export async function readTruth(pool: pg.Pool, gathering: Gathering): Promise<Truth> {
  const { expiring, filling, waiting } = gathering
  const [seats, ended, line, history] = await Promise.all([
    one<{ oversold: number; a: number; b: number; c: number }>(
      pool,
      `SELECT
         (count(*) FILTER (WHERE e.taken <> coalesce(b.seats, 0) OR e.taken > e.total_seats))::int
           AS oversold,
         coalesce(sum(b.bookings) FILTER (WHERE e.id = $1), 0)::int AS a,
         coalesce(sum(b.bookings) FILTER (WHERE e.id = $2), 0)::int AS b,
         coalesce(sum(b.bookings) FILTER (WHERE e.id = $3), 0)::int AS c
       FROM events e
       LEFT JOIN (SELECT event_id, sum(seats) AS seats, count(*) AS bookings
         FROM bookings GROUP BY event_id) b ON b.event_id = e.id`,
      [expiring, filling, waiting],
    ),
    one<{ ended: number }>(
      pool,
      `SELECT count(DISTINCT (c.change->>'booking_id')::bigint)::int AS ended
       FROM event_history h CROSS JOIN LATERAL jsonb_array_elements(h.changes::jsonb) AS c(change)
       WHERE h.event_id = ANY($1) AND c.change->>'type' = 'expired'`,
      [[expiring, filling]],
    ),
    readLine(pool, waiting),
    one<{ gaps: number; largest: number }>(
      pool,
      `SELECT (count(*) FILTER (WHERE first_sequence <> previous + 1))::int AS gaps,
         coalesce(max(last_sequence - first_sequence + 1), 0)::int AS largest
       FROM (SELECT first_sequence, last_sequence, coalesce(lag(last_sequence)
           OVER (PARTITION BY event_id ORDER BY last_sequence), 0) AS previous
         FROM event_history WHERE event_id = ANY($1)) AS commits`,
      [[expiring, filling, waiting]],
    ),
  ])
  return {
    oversold: seats.oversold,
    bookingsA: seats.a,
    bookingsB: seats.b,
    bookingsC: seats.c,
    ...ended,
    ...line,
    gaps: history.gaps,
    largestCommit: history.largest,
  }
}

/** Those in line are called `line-1`, `line-2` …, so that their turn can be told from the name. */
function readLine(
  pool: pg.Pool,
  eventId: number,
): Promise<{ promoted: number; outOfOrder: number }> {
  return one(
    pool,
    `SELECT count(*)::int AS promoted, (count(*) FILTER (WHERE name <> turn))::int AS "outOfOrder"
     FROM (
       SELECT substr(c.change->>'user_id', length('line-') + 1)::int AS name,
         row_number() OVER (ORDER BY h.first_sequence, c.place) AS turn
       FROM event_history h
       CROSS JOIN LATERAL jsonb_array_elements(h.changes::jsonb) WITH ORDINALITY AS c(change, place)
       WHERE h.event_id = $1 AND c.change->>'type' = 'promoted') AS served`,
    [eventId],
  )
}

async function one<Row extends object>(
  pool: pg.Pool,
  sql: string,
  values: readonly unknown[],
): Promise<Row> {
  const { rows } = await pool.query<Row>(sql, [...values])
  const [row] = rows
  if (row === undefined) throw new Error('the tables told nothing')
  return row
}
