import type pg from 'pg'
import { SCHEMA_OF, type CandidateName } from './candidates/names.ts'
import type { Arrangement } from './scenarios.ts'

/** More than any run can book. */
const ROOM = 10_000_000

export interface Arranged {
  readonly eventIds: readonly number[]
  /** The event for the storm, where there is one. */
  readonly stormedId: number | undefined
  readonly bookings: number
  /** The first and the last id of the holds, where there are some. */
  readonly holds?: readonly [first: number, last: number]
}

/**
 * Brings a candidate's tables to where a measurement starts: the events and bookings of the
 * arrangement and no others. Ids go on from those before, so that nobody remembers these events.
 */
export async function arrange(
  pool: pg.Pool,
  candidate: CandidateName,
  { events, booked = 0, held = 0, soldOut = false, stormed = false }: Arrangement,
): Promise<Arranged> {
  await pool.query('TRUNCATE events CASCADE')
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats)
     SELECT 'Event ' || n, $2::int FROM generate_series(1, $1::int) AS n RETURNING id`,
    [events + (stormed ? 1 : 0), soldOut ? booked : ROOM],
  )
  const ids = rows.map(({ id }) => id)
  if (booked > 0) await book(pool, candidate, ids[0] ?? 0, booked)
  const holds = held > 0 ? await hold(pool, ids, held) : undefined
  // Nobody pays for the writes of those before: the statistics are fresh, the buffers clean.
  await pool.query(booked + held > 0 ? 'VACUUM (ANALYZE) events, bookings' : 'ANALYZE events')
  await pool.query('CHECKPOINT')
  return {
    eventIds: ids.slice(0, events),
    stormedId: stormed ? ids.at(-1) : undefined,
    bookings: booked + held,
    ...(holds && { holds }),
  }
}

async function book(
  pool: pg.Pool,
  candidate: CandidateName,
  eventId: number,
  count: number,
): Promise<void> {
  await pool.query(
    `INSERT INTO bookings (event_id, user_id)
     SELECT $1::int, 'early-' || n FROM generate_series(1, $2::int) AS n`,
    [eventId, count],
  )
  if (SCHEMA_OF[candidate] === 'counter') {
    await pool.query('UPDATE events SET taken = $2 WHERE id = $1', [eventId, count])
  }
}

/** Holds that outlast any measurement, over the events by turns. */
async function hold(
  pool: pg.Pool,
  eventIds: readonly number[],
  count: number,
): Promise<[first: number, last: number]> {
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT ($1::int[])[1 + n % cardinality($1::int[])], 'holder-' || n, 'held',
       now() + interval '1 hour'
     FROM generate_series(1, $2::int) AS n`,
    [eventIds, count],
  )
  const { rows } = await pool.query<{ first: number; last: number }>(
    'SELECT min(id)::int AS first, max(id)::int AS last FROM bookings',
  )
  return [rows[0]?.first ?? 0, rows[0]?.last ?? 0]
}
