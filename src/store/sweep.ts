import type { Sql } from './rows.ts'

/** Events that one look finds, and rows that one pruning drops, at the most. */
const MAX_EVENTS = 500
const MAX_PRUNED = 5000

/**
 * Events with holds that have expired, by the database's clock. At random where there are many:
 * those that cannot be swept for now must not hide the others.
 */
export async function eventsToSweep(sql: Sql): Promise<number[]> {
  const rows = await sql.$queryRaw<{ event_id: number }[]>`
    SELECT event_id FROM (
      SELECT DISTINCT event_id FROM bookings
      WHERE status = 'held' AND expires_at <= now()
    ) AS expired
    ORDER BY random() LIMIT ${MAX_EVENTS}::int`
  return rows.map(({ event_id }) => event_id)
}

/**
 * Drops answers under idempotency keys after 24 hours, and the memory of expired holds after a
 * week, a bounded number at a time. Rows that another instance is dropping are left to it.
 *
 * @returns `isDone` where nothing is left for now
 */
export async function prune(sql: Sql): Promise<{ isDone: boolean }> {
  const keys = await sql.$executeRaw`
    DELETE FROM idempotency_keys WHERE key = ANY(ARRAY(
      SELECT key FROM idempotency_keys WHERE created_at <= now() - interval '24 hours'
      ORDER BY created_at LIMIT ${MAX_PRUNED}::int FOR UPDATE SKIP LOCKED))`
  const holds = await sql.$executeRaw`
    DELETE FROM expired_holds WHERE booking_id = ANY(ARRAY(
      SELECT booking_id FROM expired_holds WHERE expired_at <= now() - interval '7 days'
      ORDER BY expired_at LIMIT ${MAX_PRUNED}::int FOR UPDATE SKIP LOCKED))`
  return { isDone: Math.max(keys, holds) < MAX_PRUNED }
}
