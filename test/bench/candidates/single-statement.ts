import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'
import { hasSqlState, openPool, UNIQUE_VIOLATION } from './pool.ts'
import { refusalOf } from './refusal.ts'

const RESERVE = `
  WITH seat AS (
    UPDATE events SET taken = taken + 1 WHERE id = $1 AND taken < total_seats RETURNING id
  )
  INSERT INTO bookings (event_id, user_id) SELECT id, $2 FROM seat RETURNING id, created_at`

/**
 * One statement a request, prepared by name, which commits by itself: the best that can be done
 * with one transaction a request. A second one asks for the reason where the first booked nothing.
 */
export function singleStatementEngine(connectionString: string): Reservations {
  const pool = openPool(connectionString)
  return plainEngine(
    (command) => reserve(pool, command),
    () => pool.end(),
  )
}

async function reserve(pool: pg.Pool, command: ReserveCommand): Promise<PlainOutcome> {
  try {
    const { rows } = await pool.query<{ id: number; created_at: Date }>({
      name: 'reserve',
      text: RESERVE,
      values: [command.eventId, command.userId],
    })
    const [row] = rows
    if (row === undefined) return { ok: false, refusal: await refusalOf(pool, command) }
    return { ok: true, id: row.id, createdAt: row.created_at }
  } catch (error) {
    if (hasSqlState(error, UNIQUE_VIOLATION)) return { ok: false, refusal: 'already_booked' }
    throw error
  }
}
