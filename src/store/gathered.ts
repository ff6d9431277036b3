import { askedOf, type Asked } from './asked.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { canServe, waitingKinds } from './load-kinds.ts'
import type { Sql } from './rows.ts'
import { FEW_KINDS } from './varied-lines.ts'

/** Holds and events that one look passes by, and events that it finds, at the most. */
const MAX_LOOKED_AT = 1000

/** Varied lines that one look goes through, at the most, whosever they are. */
export const MAX_VARIED_LOOKED_AT = 5

/** Where the next look begins: events are gone through by their ids, again and again. */
export interface Round {
  readonly eventsWithHolds: number
  readonly eventsWithLines: number
  readonly cancelledEvents: number
  /** Looks before this one: with each it is the turn of another one of a tenant's varied lines. */
  readonly looks: number
}

export const FIRST_ROUND: Round = {
  eventsWithHolds: 0,
  eventsWithLines: 0,
  cancelledEvents: 0,
  looks: 0,
}

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
 * event, nor one that stays locked, nor the varied lines of a tenant hide the others.
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
      -- Whoever is served takes a seat of the event at least.
      open_lines AS MATERIALIZED (
        SELECT e.id, e.tenant_id, e.total_seats, e.taken, e.blocked, l.seats AS first_seats,
          CASE WHEN e.pool_count > 0 THEN (
            SELECT count(*) FROM (${waitingKinds(Prisma.sql`e.id`, FEW_KINDS + 1)}) AS k) ELSE 0 END AS kinds
        FROM some_lines l JOIN events e ON e.id = l.event_id
        WHERE e.status = 'on_sale' AND e.taken + e.blocked < e.total_seats),
      -- Each tenant has one in turn before any has a second one.
      varied AS MATERIALIZED (
        SELECT id FROM (
          SELECT id, (row_number() OVER (PARTITION BY tenant_id ORDER BY id) + ${round.looks}::int)
            % count(*) OVER (PARTITION BY tenant_id) AS turn
          FROM open_lines WHERE kinds > ${FEW_KINDS}::int) AS v
        ORDER BY turn, random() LIMIT ${MAX_VARIED_LOOKED_AT}::int),
      some_cancelled AS MATERIALIZED (
        SELECT id, taken, waiting FROM events
        WHERE status = 'cancelled' AND deleted_at IS NULL AND id > ${round.cancelledEvents}::int
        ORDER BY id LIMIT ${MAX_LOOKED_AT}::int),
      found AS (
        SELECT event_id FROM oldest
        UNION
        SELECT event_id FROM some_holds WHERE expires_at <= now()
        UNION
        SELECT e.id FROM open_lines e WHERE CASE
          WHEN e.kinds > ${FEW_KINDS}::int AND NOT e.id = ANY (ARRAY(SELECT id FROM varied)) THEN false
          WHEN e.kinds > 0 THEN ${canServe()}
          ELSE e.taken + e.blocked + e.first_seats <= e.total_seats END
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
    looks: (round.looks + 1) % MAX_LOOKED_AT,
  }
  return { events: row.found.map(askedOf), next }
}
