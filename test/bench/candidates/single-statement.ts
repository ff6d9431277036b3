import pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands.ts'
import type { Refusal } from '../../../src/domain/outcomes.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { POOL_SIZE } from './names.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'

const UNIQUE_VIOLATION = '23505'

const RESERVE = `
  WITH seat AS (
    UPDATE events SET taken = taken + 1 WHERE id = $1 AND taken < total_seats RETURNING id
  )
  INSERT INTO bookings (event_id, user_id) SELECT id, $2 FROM seat RETURNING id, created_at`

const EXPLAIN = `
  SELECT EXISTS (SELECT FROM bookings WHERE event_id = $1 AND user_id = $2) AS is_booked
  FROM events WHERE id = $1`

/**
 * One statement a request, prepared by name, which commits by itself: the best that can be done
 * with one transaction a request. A second one asks for the reason where the first booked nothing.
 */
export function singleStatementEngine(connectionString: string): Reservations {
  const pool = new pg.Pool({ connectionString, max: POOL_SIZE })
  return plainEngine(
    (command) => reserve(pool, command),
    () => pool.end(),
  )
}

async function reserve(pool: pg.Pool, { eventId, userId }: ReserveCommand): Promise<PlainOutcome> {
  const values = [eventId, userId]
  try {
    const { rows } = await pool.query<{ id: string; created_at: Date }>({
      name: 'reserve',
      text: RESERVE,
      values,
    })
    const [row] = rows
    if (row === undefined) return { ok: false, refusal: await refusalOf(pool, values) }
    return { ok: true, id: Number(row.id), createdAt: row.created_at }
  } catch (error) {
    const isDuplicate = error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION
    if (isDuplicate) return { ok: false, refusal: 'already_booked' }
    throw error
  }
}

async function refusalOf(pool: pg.Pool, values: unknown[]): Promise<Refusal> {
  const { rows } = await pool.query<{ is_booked: boolean }>({
    name: 'explain',
    text: EXPLAIN,
    values,
  })
  if (rows[0] === undefined) return 'event_not_found'
  return rows[0].is_booked ? 'already_booked' : 'sold_out'
}
