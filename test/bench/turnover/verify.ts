import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { FINISH_LIMIT_S } from './sizes.ts'

const LOOK_EVERY_MS = 500

/** What the tables say in the end. */
export interface Truth {
  readonly bookings: number
  readonly held: number
  readonly taken: number
  readonly keys: number
}

/** Waits until the last hold has ended, or the time is up. */
export async function untilHoldsEnded(pool: pg.Pool): Promise<void> {
  const until = performance.now() + FINISH_LIMIT_S * 1000
  while (performance.now() < until) {
    const { rows } = await pool.query<{ held: boolean }>(
      `SELECT EXISTS (SELECT FROM bookings WHERE status = 'held') AS held`,
    )
    if (rows[0]?.held !== true) return
    await delay(LOOK_EVERY_MS)
  }
}

/** Reads what the tables say of the event; takes seconds. */
export async function readTruth(pool: pg.Pool, eventId: number): Promise<Truth> {
  const { rows } = await pool.query<Truth>(
    `SELECT (SELECT count(*)::int FROM bookings WHERE event_id = $1) AS bookings, held, taken,
       (SELECT count(*)::int FROM idempotency_keys) AS keys
     FROM events WHERE id = $1`,
    [eventId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the tables told nothing')
  return row
}

/** What is not as the answers said, in words. */
export function faultsOf(
  truth: Truth,
  statuses: Readonly<Record<string, number>>,
  expected: { readonly requests: number; readonly holds: number; readonly keys: number },
): string[] {
  const { requests, holds, keys } = expected
  const others = Object.entries(statuses).filter(([status]) => status !== '201')
  const stays = requests - holds
  const should: Truth = { bookings: stays, held: 0, taken: stays, keys }
  return [
    ...others.map(([status, count]) => `${count} answers of ${status} instead of 201`),
    ...(['bookings', 'held', 'taken', 'keys'] as const)
      .filter((name) => truth[name] !== should[name])
      .map((name) => `${name}: ${truth[name]} instead of ${should[name]}`),
  ]
}
