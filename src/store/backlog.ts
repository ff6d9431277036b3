import type { Sql } from './rows.ts'

/** Holds, and events with a line, that are looked at, at the most. */
const MAX_LOOKED_AT = 1000

/** What has not been done yet, by the database's clock. */
export interface Backlog {
  /** For how long the hold has expired that expired first and has not ended; 0 where none has. */
  readonly sweepLagSeconds: number
  /** For how long somebody has been in line who has been longest; 0 where nobody is. */
  readonly oldestInLineSeconds: number
}

/**
 * How far behind the service is: a bounded number of probes of an index, however many rows there are.
 * Events that are deleted, and lines of those that have started, don't count. Of more than
 * {@link MAX_LOOKED_AT} events with a line it looks at those that were made last.
 */
export async function readBacklog(sql: Sql): Promise<Backlog> {
  const [row] = await sql.$queryRaw<[{ sweep_lag: number | null; oldest_in_line: number | null }]>`
    WITH RECURSIVE
      expired AS (
        SELECT event_id, expires_at FROM bookings WHERE status = 'held' AND expires_at <= now()
        ORDER BY expires_at LIMIT ${MAX_LOOKED_AT}::int),
      -- Two probes for each event: the next one that has a line, and who is first in it.
      lines AS (
        (SELECT event_id FROM waitlist_entries ORDER BY event_id DESC LIMIT 1)
        UNION ALL
        SELECT next.event_id FROM lines CROSS JOIN LATERAL (
          SELECT w.event_id FROM waitlist_entries w
          WHERE w.event_id < lines.event_id ORDER BY w.event_id DESC LIMIT 1) AS next),
      some_lines AS MATERIALIZED (SELECT event_id FROM lines LIMIT ${MAX_LOOKED_AT}::int)
    SELECT
      (SELECT extract(epoch FROM now() - min(x.expires_at))::float8
        FROM expired x JOIN events e ON e.id = x.event_id
        WHERE e.deleted_at IS NULL) AS sweep_lag,
      (SELECT extract(epoch FROM now() - min(first.created_at))::float8
        FROM some_lines l JOIN events e ON e.id = l.event_id
        CROSS JOIN LATERAL (
          SELECT w.created_at FROM waitlist_entries w
          WHERE w.event_id = l.event_id ORDER BY w.event_id, w.id LIMIT 1) AS first
        WHERE e.deleted_at IS NULL AND (e.starts_at IS NULL OR e.starts_at > now()))
        AS oldest_in_line`
  return {
    sweepLagSeconds: Math.max(0, row.sweep_lag ?? 0),
    oldestInLineSeconds: Math.max(0, row.oldest_in_line ?? 0),
  }
}
