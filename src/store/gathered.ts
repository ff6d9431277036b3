import { askedOf, type Asked } from './asked.ts'
import { canServe } from './load-kinds.ts'
import type { Sql } from './rows.ts'

/** Holds and events that one look passes by, and events that it finds, at the most. */
const MAX_LOOKED_AT = 1000

/** Where the next look begins: events are gone through by their ids, again and again. */
export interface Round {
  readonly eventsWithHolds: number
  readonly eventsWithLines: number
  readonly cancelledEvents: number
}

export const FIRST_ROUND: Round = { eventsWithHolds: 0, eventsWithLines: 0, cancelledEvents: 0 }

interface FoundRow {
  found: string[]
  last_with_holds: number | null
  last_with_line: number | null
  last_cancelled: number | null
}

interface Found {
  readonly events: readonly Asked[]
  readonly next: Round
}

/**
 * Events with holds that have expired, by the database's clock, or with somebody in line who has
 * room; and those that are cancelled and have bookings or a line yet. It looks at the holds that
 * expired first, and at a bounded number of events in turn: neither a hundred thousand holds of one
 * event nor an event that stays locked hides the others.
 */
export async function eventsToSettle(sql: Sql, round: Round): Promise<Found> {
  const [row] = await sql.$queryRaw<[FoundRow]>`
    WITH RECURSIVE
      oldest AS (
        SELECT event_id FROM bookings WHERE status = 'held' AND expires_at <= now()
        ORDER BY expires_at LIMIT ${MAX_LOOKED_AT}::int),
      -- One probe of an index for each event, however many rows it has.
      holds AS (
        (SELECT event_id, expires_at FROM bookings
          WHERE status = 'held' AND event_id > ${round.eventsWithHolds}::int
          ORDER BY event_id, expires_at LIMIT 1)
        UNION ALL
        SELECT next.event_id, next.expires_at FROM holds CROSS JOIN LATERAL (
          SELECT b.event_id, b.expires_at FROM bookings b
          WHERE b.status = 'held' AND b.event_id > holds.event_id
          ORDER BY b.event_id, b.expires_at LIMIT 1) AS next),
      some_holds AS MATERIALIZED (SELECT * FROM holds LIMIT ${MAX_LOOKED_AT}::int),
      lines AS (
        (SELECT event_id, seats FROM waitlist_entries
          WHERE event_id > ${round.eventsWithLines}::int ORDER BY event_id, id LIMIT 1)
        UNION ALL
        SELECT next.event_id, next.seats FROM lines CROSS JOIN LATERAL (
          SELECT w.event_id, w.seats FROM waitlist_entries w
          WHERE w.event_id > lines.event_id ORDER BY w.event_id, w.id LIMIT 1) AS next),
      some_lines AS MATERIALIZED (SELECT * FROM lines LIMIT ${MAX_LOOKED_AT}::int),
      some_cancelled AS MATERIALIZED (
        SELECT id, taken, waiting FROM events
        WHERE status = 'cancelled' AND deleted_at IS NULL AND id > ${round.cancelledEvents}::int
        ORDER BY id LIMIT ${MAX_LOOKED_AT}::int),
      found AS (
        SELECT event_id FROM oldest
        UNION
        SELECT event_id FROM some_holds WHERE expires_at <= now()
        UNION
        SELECT l.event_id FROM some_lines l JOIN events e ON e.id = l.event_id
        WHERE e.status = 'on_sale' AND CASE WHEN e.pool_count > 0 THEN ${canServe()}
          ELSE e.taken + e.blocked + l.seats <= e.total_seats END
        UNION
        SELECT id FROM some_cancelled WHERE taken > 0 OR waiting > 0)
    SELECT
      ARRAY(
        SELECT f.event_id || ' ' || e.tenant_id FROM found f JOIN events e ON e.id = f.event_id
        WHERE e.deleted_at IS NULL LIMIT ${MAX_LOOKED_AT}::int) AS found,
      (SELECT max(event_id) FROM some_holds
        HAVING count(*) = ${MAX_LOOKED_AT}::int) AS last_with_holds,
      (SELECT max(event_id) FROM some_lines
        HAVING count(*) = ${MAX_LOOKED_AT}::int) AS last_with_line,
      (SELECT max(id) FROM some_cancelled
        HAVING count(*) = ${MAX_LOOKED_AT}::int) AS last_cancelled`
  const next = {
    eventsWithHolds: row.last_with_holds ?? 0,
    eventsWithLines: row.last_with_line ?? 0,
    cancelledEvents: row.last_cancelled ?? 0,
  }
  return { events: row.found.map(askedOf), next }
}
