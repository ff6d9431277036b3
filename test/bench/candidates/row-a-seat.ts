import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'
import { hasSqlState, openPool, UNIQUE_VIOLATION } from './pool.ts'

const RESERVE = `
  UPDATE seats SET user_id = $2, booked_at = now()
  WHERE id = (
    SELECT id FROM seats WHERE event_id = $1 AND label = $3 AND user_id IS NULL
    FOR UPDATE SKIP LOCKED
  )
  RETURNING id, booked_at`

/**
 * A row for each numbered seat, as the field has it: whoever comes for a seat that somebody else has, or
 * is about to take, is refused and waits for nobody. One statement, prepared by name, which commits by
 * itself.
 */
export function rowASeatEngine(connectionString: string): Reservations {
  const pool = openPool(connectionString)
  return plainEngine(
    (command) => reserve(pool, command),
    () => pool.end(),
  )
}

async function reserve(
  pool: pg.Pool,
  { eventId, userId, lines }: ReserveCommand,
): Promise<PlainOutcome> {
  const [label] = lines?.[0]?.labels ?? []
  if (label === undefined) throw new TypeError('only seats by their labels are measured')
  try {
    const { rows } = await pool.query<{ id: number; booked_at: Date }>({
      name: 'reserve',
      text: RESERVE,
      values: [eventId, userId, label],
    })
    const [row] = rows
    if (row === undefined) return { ok: false, refusal: 'seats_taken' }
    return { ok: true, id: row.id, createdAt: row.booked_at }
  } catch (error) {
    if (hasSqlState(error, UNIQUE_VIOLATION)) return { ok: false, refusal: 'already_booked' }
    throw error
  }
}
