import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Refusal } from '../../../src/domain/outcomes.ts'

const EXPLAIN = `
  SELECT EXISTS (SELECT FROM bookings WHERE event_id = $1 AND user_id = $2) AS is_booked
  FROM events WHERE id = $1`

/** Asks for the reason where a statement has booked nothing. */
export async function refusalOf(
  pool: pg.Pool,
  { eventId, userId }: ReserveCommand,
): Promise<Refusal> {
  const { rows } = await pool.query<{ is_booked: boolean }>({
    name: 'explain',
    text: EXPLAIN,
    values: [eventId, userId],
  })
  if (rows[0] === undefined) return 'event_not_found'
  return rows[0].is_booked ? 'already_booked' : 'sold_out'
}
