import type { LockMode } from '../group-commit.ts'
import { arrayOf, type EventRow, type Sql } from './rows.ts'

/**
 * Locks the events of a batch until the transaction ends, in the order of their ids, which is the
 * one lock order everywhere: transactions that follow it cannot deadlock.
 *
 * In the mode `skip`, events that another session holds locked are left out, like those that do
 * not exist; `existingEvents` tells them apart. In the mode `wait` PostgreSQL's `lock_timeout`
 * bounds the wait (SQLSTATE 55P03).
 *
 * @returns the events that were locked, as their latest commit left them
 */
export async function lockEvents(
  tx: Sql,
  eventIds: readonly number[],
  mode: LockMode,
): Promise<EventRow[]> {
  const ids = arrayOf(eventIds)
  const [row] =
    mode === 'wait'
      ? await tx.$queryRaw<[{ events: string }]>`
          SELECT COALESCE(json_agg(e), '[]')::text AS events FROM (
            SELECT id, name, total_seats, taken, starts_at, sales_start_at, sales_end_at,
              max_seats_per_booking, hold_seconds, waitlist_promotes_to, metadata
            FROM events WHERE id = ANY(${ids}::text::int[]) ORDER BY id FOR UPDATE) AS e`
      : await tx.$queryRaw<[{ events: string }]>`
          SELECT COALESCE(json_agg(e), '[]')::text AS events FROM (
            SELECT id, name, total_seats, taken, starts_at, sales_start_at, sales_end_at,
              max_seats_per_booking, hold_seconds, waitlist_promotes_to, metadata
            FROM events WHERE id = ANY(${ids}::text::int[]) ORDER BY id FOR UPDATE SKIP LOCKED) AS e`
  return JSON.parse(row.events) as EventRow[]
}

/** Sets how long the transaction waits for a lock; without it, it is as long as the session has. */
export async function allowLockWait(tx: Sql, lockTimeoutMs: number): Promise<void> {
  await tx.$queryRaw`SELECT set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`
}

/** Which of the given events exist, locked or not. */
export async function existingEvents(tx: Sql, eventIds: readonly number[]): Promise<Set<number>> {
  if (eventIds.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ id: number }[]>`
    SELECT id FROM events WHERE id = ANY(${eventIds}::int[])`
  return new Set(rows.map(({ id }) => id))
}
