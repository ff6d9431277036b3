import { Prisma } from '../../generated/prisma/client.ts'
import type { CapacityChanged, EventFact } from '../../domain/facts.ts'
import type { EventSettings } from '../../domain/model.ts'
import { arrayOf, type Sql } from '../rows.ts'
import { settingsColumns } from '../settings-rows.ts'

export interface CreatedEvent {
  readonly id: number
  /** The number of the newest entry that its history has already: see `createEvents`. */
  readonly lastSequence: number
}

/** Null where there is the default type alone. */
const TYPES_GIVEN = Prisma.sql`NULLIF(ticket_types::text, '[]')::json`

/** Makes the rows of new events, in the order of their facts. */
export async function createEvents(tx: Sql, facts: readonly EventFact[]): Promise<CreatedEvent[]> {
  const rows = facts.flatMap((fact) =>
    fact.type === 'event_created' && fact.settings !== null
      ? { ...settingsColumns(fact.settings), tenant_id: fact.tenantId }
      : [],
  )
  if (rows.length === 0) return []
  // Ids begin anew after TRUNCATE … RESTART IDENTITY, and a history outlives its event.
  return tx.$queryRaw<CreatedEvent[]>`
    WITH given AS MATERIALIZED (
        SELECT s.*, nextval('events_id_seq')::int AS id
        FROM ROWS FROM (json_to_recordset(${JSON.stringify(rows)}::json) AS (
            name text, total_seats int, starts_at timestamptz, sales_start_at timestamptz,
            sales_end_at timestamptz, max_seats_per_booking int, hold_seconds int,
            waitlist_promotes_to text, status text, time_zone text, cancel_until timestamptz,
            waitlist_closes_at timestamptz, metadata json, ticket_types json, tenant_id text))
          WITH ORDINALITY AS s(name, total_seats, starts_at, sales_start_at, sales_end_at,
            max_seats_per_booking, hold_seconds, waitlist_promotes_to, status, time_zone,
            cancel_until, waitlist_closes_at, metadata, ticket_types, tenant_id, place)),
      made AS (
        INSERT INTO events (id, name, total_seats, starts_at, sales_start_at, sales_end_at,
          max_seats_per_booking, hold_seconds, waitlist_promotes_to, status, time_zone,
          cancel_until, waitlist_closes_at, metadata, ticket_types, tenant_id)
        SELECT id, name, total_seats, starts_at, sales_start_at, sales_end_at,
          max_seats_per_booking, hold_seconds, waitlist_promotes_to, status, time_zone,
          cancel_until, waitlist_closes_at, metadata, ${TYPES_GIVEN}, tenant_id
        FROM given)
    SELECT given.id, COALESCE((
        SELECT h.last_sequence FROM event_history h WHERE h.event_id = given.id
        ORDER BY h.last_sequence DESC LIMIT 1), 0)::float8 AS "lastSequence"
    FROM given ORDER BY place`
}

/**
 * Writes the settings that have changed. Events whose capacity was raised come before the bookings
 * that need it, all others behind those that make room.
 */
export async function writeSettings(
  tx: Sql,
  facts: readonly EventFact[],
  direction: 'raise' | 'lower',
): Promise<void> {
  const rows = [...changesByEvent(facts)].flatMap(([id, changes]) =>
    isRaise(changes) === (direction === 'raise')
      ? [{ id, s: settingsColumns(merge(changes)) }]
      : [],
  )
  if (rows.length === 0) return
  // A member that is not there leaves its column as it is; null is a value.
  await tx.$executeRaw`
    UPDATE events SET
      name = CASE WHEN s->'name' IS NULL THEN name ELSE s->>'name' END,
      total_seats = CASE WHEN s->'total_seats' IS NULL THEN total_seats ELSE (s->>'total_seats')::int END,
      starts_at = CASE WHEN s->'starts_at' IS NULL THEN starts_at ELSE (s->>'starts_at')::timestamptz END,
      sales_start_at = CASE WHEN s->'sales_start_at' IS NULL THEN sales_start_at
        ELSE (s->>'sales_start_at')::timestamptz END,
      sales_end_at = CASE WHEN s->'sales_end_at' IS NULL THEN sales_end_at
        ELSE (s->>'sales_end_at')::timestamptz END,
      max_seats_per_booking = CASE WHEN s->'max_seats_per_booking' IS NULL THEN max_seats_per_booking
        ELSE (s->>'max_seats_per_booking')::int END,
      hold_seconds = CASE WHEN s->'hold_seconds' IS NULL THEN hold_seconds
        ELSE (s->>'hold_seconds')::int END,
      waitlist_promotes_to = CASE WHEN s->'waitlist_promotes_to' IS NULL THEN waitlist_promotes_to
        ELSE s->>'waitlist_promotes_to' END,
      ticket_types = CASE WHEN s->'ticket_types' IS NULL THEN ticket_types
        ELSE NULLIF(s->>'ticket_types', '[]')::json END,
      status = CASE WHEN s->'status' IS NULL THEN status ELSE s->>'status' END,
      time_zone = CASE WHEN s->'time_zone' IS NULL THEN time_zone ELSE s->>'time_zone' END,
      cancel_until = CASE WHEN s->'cancel_until' IS NULL THEN cancel_until
        ELSE (s->>'cancel_until')::timestamptz END,
      waitlist_closes_at = CASE WHEN s->'waitlist_closes_at' IS NULL THEN waitlist_closes_at
        ELSE (s->>'waitlist_closes_at')::timestamptz END,
      metadata = CASE WHEN s->'metadata' IS NULL THEN metadata ELSE s->'metadata' END
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS changed(id int, s json)
    WHERE events.id = changed.id`
}

type Change = Extract<EventFact, { type: 'capacity_changed' | 'settings_changed' }>

function isChange(fact: EventFact): fact is Change {
  return fact.type === 'capacity_changed' || fact.type === 'settings_changed'
}

function changesByEvent(facts: readonly EventFact[]): Map<number, Change[]> {
  const changes = new Map<number, Change[]>()
  for (const fact of facts.filter(isChange)) {
    changes.set(fact.eventId, [...(changes.get(fact.eventId) ?? []), fact])
  }
  return changes
}

/** Whether the event has more seats than before, after all of its changes. */
function isRaise(changes: readonly Change[]): boolean {
  const capacities = changes.filter(
    (fact): fact is CapacityChanged => fact.type === 'capacity_changed',
  )
  const [first, last] = [capacities[0], capacities.at(-1)]
  return first !== undefined && last !== undefined && last.seatsAfter > first.seatsBefore
}

function merge(changes: readonly Change[]): Partial<EventSettings> {
  const parts = changes.map((fact) =>
    fact.type === 'capacity_changed' ? { totalSeats: fact.seatsAfter } : fact.settings,
  )
  return parts.reduce((all, part) => ({ ...all, ...part }), {})
}

/** Hides deleted events. Their rows are many, perhaps: `purge` removes them piece by piece. */
export async function hideEvents(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const deleted = facts.filter(({ type }) => type === 'event_deleted').map(({ eventId }) => eventId)
  if (deleted.length === 0) return
  await tx.$executeRaw`
    UPDATE events SET deleted_at = now() WHERE id = ANY(${arrayOf(deleted)}::text::int[])`
}
