import type pg from 'pg'
import {
  EXPIRED_HOLD_RETENTION_DAYS,
  IDEMPOTENCY_RETENTION_HOURS,
} from '../../src/domain/policy.ts'
import type { RingName } from '../../src/store/turnover.ts'
import { until } from './until.ts'

// Slots by their distance from the one that is written now: 1 is written next, and is emptied
// before; 2 is the one before.
export const NEXT = 1
export const BEFORE = 2

export interface Ring {
  readonly table: RingName
  readonly period: string
  /** A row that was made so long ago: its key and the rest of its columns. */
  readonly row: (name: number, age: string) => string
  readonly columns: string
  readonly since: string
}

export const KEYS: Ring = {
  table: 'idempotency_keys',
  period: `${IDEMPOTENCY_RETENTION_HOURS} hours`,
  since: 'created_at',
  columns: 'key, fingerprint, response, created_at',
  row: (name, age) => `${name}, 'f', '["done"]', clock_timestamp() - interval '${age}'`,
}
export const HOLDS: Ring = {
  table: 'expired_holds',
  period: `${EXPIRED_HOLD_RETENTION_DAYS} days`,
  since: 'expired_at',
  columns: 'booking_id, event_id, expired_at',
  row: (name, age) => `${name}, 1, clock_timestamp() - interval '${age}'`,
}
export const RINGS = [KEYS, HOLDS]

export const slotAt = ({ period }: Ring, distance: number): string =>
  `((public.ring_slot(now(), '${period}') + ${distance}) % 3)::smallint`

/** SQL that puts a row into a slot. */
export const insertion = (ring: Ring, distance: number, name: number, age: string): string =>
  `INSERT INTO ${ring.table} (${ring.columns}, slot)
   SELECT ${ring.row(name, age)}, ${slotAt(ring, distance)}`

export async function namesIn(pool: pg.Pool, { table, columns }: Ring): Promise<string[]> {
  const [name] = columns.split(',')
  const { rows } = await pool.query<{ name: string }>(
    `SELECT ${name}::text AS name FROM ${table} ORDER BY 1`,
  )
  return rows.map((row) => row.name)
}

export async function turnOver(sql: Pick<pg.Pool, 'query'>, { table }: Ring): Promise<unknown> {
  const { rows } = await sql.query<{ turn: string }>('SELECT turn_over($1) AS turn', [table])
  return rows[0]?.turn
}

/** The same, once it got its lock: autovacuum may be at work on the slot. */
export function turnOverUnlocked(sql: Pick<pg.Pool, 'query'>, ring: Ring): Promise<unknown> {
  return until(async () => {
    const result = await turnOver(sql, ring)
    return result !== 'locked' && result
  }, 'a slot that nobody else locks')
}
