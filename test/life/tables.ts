import type pg from 'pg'
import type { EventSettings } from '../../src/domain/commands.ts'
import type { BookingSeen, EntrySeen, HistorySeen, Snapshot } from './replay.ts'

/** Creates an event by SQL; its history begins with the first change. */
export async function insertEvent(
  pool: pg.Pool,
  settings: Partial<EventSettings> & { totalSeats: number },
): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, max_seats_per_booking, hold_seconds, waitlist_promotes_to)
     VALUES ('Life', $1, $2, $3, $4) RETURNING id`,
    [
      settings.totalSeats,
      settings.maxSeatsPerBooking ?? 1,
      settings.holdSeconds ?? 600,
      settings.waitlistPromotesTo ?? 'confirmed',
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('no event was inserted')
  return row.id
}

/** All that the tables have of an event, at one instant. */
export async function readSnapshot(
  pool: pg.Pool,
  eventId: number,
  firstCapacity: number,
): Promise<Snapshot> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    const event = await client.query<{ total_seats: number; taken: number }>(
      'SELECT total_seats, taken FROM events WHERE id = $1',
      [eventId],
    )
    const bookings = await client.query<BookingSeen>(
      `SELECT id, user_id AS user, seats, status, expires_at AS "expiresAt",
         created_at AS "createdAt"
       FROM bookings WHERE event_id = $1 ORDER BY user_id COLLATE "C"`,
      [eventId],
    )
    const line = await client.query<EntrySeen>(
      'SELECT id, user_id AS user, seats FROM waitlist_entries WHERE event_id = $1 ORDER BY id',
      [eventId],
    )
    const history = await client.query<HistorySeen>(
      `SELECT first_sequence AS first, last_sequence AS last, changes
       FROM event_history WHERE event_id = $1 ORDER BY first_sequence`,
      [eventId],
    )
    await client.query('COMMIT')
    return {
      totalSeats: event.rows[0]?.total_seats ?? null,
      taken: event.rows[0]?.taken ?? 0,
      bookings: bookings.rows,
      line: line.rows,
      firstCapacity,
      history: history.rows,
    }
  } finally {
    client.release()
  }
}
