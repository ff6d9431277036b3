import type pg from 'pg'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'
import type { BookingSeen, EntrySeen, HistorySeen, Snapshot } from './replay.ts'

/** All that the tables have of an event, at one instant. */
export async function readSnapshot(
  pool: pg.Pool,
  eventId: number,
  firstCapacity: number,
): Promise<Snapshot> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    const event = await client.query<SettingsColumns & { total_seats: number; taken: number }>(
      `SELECT name, total_seats, starts_at, sales_start_at, sales_end_at, max_seats_per_booking,
         hold_seconds, waitlist_promotes_to, status, time_zone, cancel_until, waitlist_closes_at,
         metadata, taken,
         COALESCE(ticket_types, '[]') AS ticket_types,
         COALESCE((SELECT json_agg(json_build_object('key', key, 'capacity', capacity) ORDER BY place)
           FROM event_pools WHERE event_id = events.id), '[]') AS pools
       FROM events WHERE id = $1 AND deleted_at IS NULL`,
      [eventId],
    )
    const bookings = await client.query<BookingSeen>(
      `SELECT id, user_id AS user, seats, status, expires_at AS "expiresAt",
         created_at AS "createdAt", metadata
       FROM bookings WHERE event_id = $1 ORDER BY user_id COLLATE "C"`,
      [eventId],
    )
    const line = await client.query<EntrySeen>(
      'SELECT id, user_id AS user, seats, metadata FROM waitlist_entries WHERE event_id = $1 ORDER BY id',
      [eventId],
    )
    const history = await client.query<HistorySeen>(
      `SELECT first_sequence AS first, last_sequence AS last, changes
       FROM event_history WHERE event_id = $1 ORDER BY first_sequence`,
      [eventId],
    )
    const tenants = await client.query<{ tenant: string }>(
      `SELECT tenant_id AS tenant FROM events WHERE id = $1
       UNION SELECT tenant_id FROM bookings WHERE event_id = $1
       UNION SELECT tenant_id FROM expired_holds WHERE event_id = $1
       UNION SELECT tenant_id FROM event_history WHERE event_id = $1`,
      [eventId],
    )
    await client.query('COMMIT')
    const [row] = event.rows
    const { taken = 0, ...settings } = row ?? {}
    return {
      tenants: tenants.rows.map(({ tenant }) => tenant),
      totalSeats: row?.total_seats ?? null,
      settings: row === undefined ? null : settings,
      taken,
      // Of a deleted event the rows may be there for a while.
      bookings: row === undefined ? [] : bookings.rows,
      line: row === undefined ? [] : line.rows,
      firstCapacity,
      history: history.rows,
    }
  } finally {
    client.release()
  }
}
