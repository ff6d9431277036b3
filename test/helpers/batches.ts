import type pg from 'pg'
import type { Test } from 'tap'
import { createTestDatabase } from './database.ts'
import { startBatches } from './one-batch.ts'
import { createEvent } from './race.ts'

export interface EndedRow {
  id: number
  user_id: string
  reason: string
  seats: number
  metadata: object | null
  expires: string | null
  made: boolean
}

/** What is remembered of bookings that have ended, by their ids. */
export async function endedOf(pool: pg.Pool, eventId: number): Promise<EndedRow[]> {
  const { rows } = await pool.query<EndedRow>(
    `SELECT booking_id::int AS id, user_id, reason, seats, metadata, created_at IS NOT NULL AS made,
       round(extract(epoch FROM expires_at - created_at))::text AS expires
     FROM expired_holds WHERE event_id = $1 ORDER BY booking_id`,
    [eventId],
  )
  return rows
}

/** The types of the facts of an event with the bookings that they name; the numbers have no gap. */
export async function historyOf(
  pool: pg.Pool,
  eventId: number,
): Promise<[string, number | null][]> {
  const { rows } = await pool.query<{ type: string; id: number | null; isNext: boolean }>(
    `SELECT c.change->>'type' AS type, (c.change->>'booking_id')::int AS id,
       h.last_sequence - h.first_sequence + 1 = json_array_length(h.changes) AND h.first_sequence
         = 1 + COALESCE((SELECT max(b.last_sequence) FROM event_history b
           WHERE b.event_id = h.event_id AND b.last_sequence < h.first_sequence), 0) AS "isNext"
     FROM event_history h CROSS JOIN LATERAL json_array_elements(h.changes)
       WITH ORDINALITY AS c(change, place)
     WHERE h.event_id = $1 ORDER BY h.first_sequence, c.place`,
    [eventId],
  )
  if (!rows.every(({ isNext }) => isNext)) throw new Error('the history has a gap')
  return rows.map(({ type, id }) => [type, id])
}

export interface MadeRow {
  readonly id: number
  readonly user_id: string
  readonly seats: number
}

/** A database, batches on it, and ways to look at what they leave. */
export async function createBatches(t: Test) {
  const { url, pool } = await createTestDatabase(t)
  return {
    pool,
    run: startBatches(t, url),
    /** An event of three seats, all of which one booking may have. */
    create: (): Promise<number> => createEvent(pool, 3, { maxSeatsPerBooking: 3 }),
    /** The version of the event's row. */
    versionOf: async (eventId: number): Promise<unknown> =>
      (await pool.query('SELECT ctid::text FROM events WHERE id = $1', [eventId])).rows,
    bookingsOf: async (eventId: number): Promise<MadeRow[]> => {
      const { rows } = await pool.query<MadeRow>(
        'SELECT id::int, user_id, seats FROM bookings WHERE event_id = $1 ORDER BY id',
        [eventId],
      )
      return rows
    },
  }
}
