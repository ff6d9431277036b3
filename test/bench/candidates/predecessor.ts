import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'
import { openPool } from './pool.ts'

interface InsertedRow {
  id: number
  created_at: Date
}

/**
 * The predecessor's algorithm: six round trips, five of them while the event's row is locked, and
 * a count of all bookings for every booking.
 */
export function predecessorEngine(connectionString: string): Reservations {
  const pool = openPool(connectionString)
  return plainEngine(
    async (command) => {
      const client = await pool.connect()
      try {
        return await inTransaction(client, command)
      } finally {
        client.release()
      }
    },
    () => pool.end(),
  )
}

async function inTransaction(
  client: pg.PoolClient,
  command: ReserveCommand,
): Promise<PlainOutcome> {
  await client.query('BEGIN')
  try {
    const outcome = await reserve(client, command)
    await client.query(outcome.ok ? 'COMMIT' : 'ROLLBACK')
    return outcome
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

async function reserve(
  client: pg.PoolClient,
  { eventId, userId }: ReserveCommand,
): Promise<PlainOutcome> {
  const events = await client.query<{ total_seats: number }>(
    'SELECT * FROM events WHERE id = $1 FOR UPDATE',
    [eventId],
  )
  const event = events.rows[0]
  if (event === undefined) return { ok: false, refusal: 'event_not_found' }

  const existing = await client.query(
    'SELECT * FROM bookings WHERE event_id = $1 AND user_id = $2',
    [eventId, userId],
  )
  if (existing.rows.length > 0) return { ok: false, refusal: 'already_booked' }

  const counted = await client.query<{ count: string }>(
    'SELECT COUNT(*) AS count FROM bookings WHERE event_id = $1',
    [eventId],
  )
  if (Number(counted.rows[0]?.count) >= event.total_seats) return { ok: false, refusal: 'sold_out' }

  const inserted = await client.query<InsertedRow>(
    'INSERT INTO bookings (event_id, user_id) VALUES ($1, $2) RETURNING *',
    [eventId, userId],
  )
  const row = inserted.rows[0]
  if (row === undefined) throw new Error('the insert returned no row')
  return { ok: true, id: row.id, createdAt: row.created_at }
}
