import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'
import { hasSqlState, openPool, UNIQUE_VIOLATION } from './pool.ts'
import { refusalOf } from './refusal.ts'

const RESERVE = `
  UPDATE seats SET user_id = $2, booked_at = now()
  WHERE id = (
    SELECT id FROM seats WHERE event_id = $1 AND user_id IS NULL
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  RETURNING id, booked_at`

/**
 * A row for each seat: whoever comes takes the first free one that nobody else is taking, and waits
 * for nobody. One statement, prepared by name, which commits by itself.
 */
export function skipLockedEngine(connectionString: string): Reservations {
  const pool = openPool(connectionString)
  return plainEngine(
    (command) => reserve(pool, command),
    () => pool.end(),
  )
}

async function reserve(pool: pg.Pool, command: ReserveCommand): Promise<PlainOutcome> {
  try {
    const { rows } = await pool.query<{ id: number; booked_at: Date }>({
      name: 'reserve',
      text: RESERVE,
      values: [command.eventId, command.userId],
    })
    const [row] = rows
    if (row === undefined) return { ok: false, refusal: await refusalOf(pool, command) }
    return { ok: true, id: row.id, createdAt: row.booked_at }
  } catch (error) {
    if (hasSqlState(error, UNIQUE_VIOLATION)) return { ok: false, refusal: 'already_booked' }
    throw error
  }
}
