import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { PlainOutcome } from './plain.ts'
import { hasSqlState, UNIQUE_VIOLATION } from './pool.ts'

/**
 * Checks, then books; right only where nobody else books at the event meanwhile. Whether the user is
 * booked already is looked up where the answer turns on it; else the constraint tells.
 */
const RESERVE = `
  WITH event AS (
    SELECT id, taken < total_seats AS has_room,
      CASE WHEN taken >= total_seats THEN
        EXISTS (SELECT FROM bookings WHERE event_id = $1 AND user_id = $2)
      END AS is_booked
    FROM events WHERE id = $1
  ), counted AS (
    UPDATE events SET taken = taken + 1 FROM event WHERE events.id = event.id AND has_room
  ), made AS (
    INSERT INTO bookings (event_id, user_id) SELECT id, $2 FROM event WHERE has_room
    RETURNING id, created_at
  )
  SELECT is_booked, made.id, created_at FROM event LEFT JOIN made ON true`

type ReserveRow =
  | { is_booked: null; id: number; created_at: Date }
  | { is_booked: boolean; id: null; created_at: null }

/** One statement, prepared by name, for designs that keep others away by themselves. */
export async function checkedReserve(
  client: pg.Pool | pg.PoolClient,
  { eventId, userId }: ReserveCommand,
): Promise<PlainOutcome> {
  const values = [eventId, userId]
  try {
    const { rows } = await client.query<ReserveRow>({ name: 'reserve', text: RESERVE, values })
    const [row] = rows
    if (row === undefined) return { ok: false, refusal: 'event_not_found' }
    if (row.id !== null) return { ok: true, id: row.id, createdAt: row.created_at }
    return { ok: false, refusal: row.is_booked ? 'already_booked' : 'sold_out' }
  } catch (error) {
    if (hasSqlState(error, UNIQUE_VIOLATION)) return { ok: false, refusal: 'already_booked' }
    throw error
  }
}
