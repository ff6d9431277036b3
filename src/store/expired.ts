import { Prisma } from '../generated/prisma/client.ts'

/**
 * The holds of an event that have expired (`isExpired` of domain/policy.ts), as rows `b` in the order
 * of their expiry; put a LIMIT behind it.
 *
 * It has to be the index by event and expiry that serves this, however rows are spread over events
 * and whatever the statistics say: by the one over the expiry alone each event is looked for among
 * the expired holds of all, by the one over events and users among all bookings of the event. So
 * the columns are compared as a pair and ordered by both, which costs a sort by any other index.
 *
 * @param now - what may differ from row to row, as `clock_timestamp()` may, serves no index: it has
 *   to stand in a sub-select
 */
export function expiredHoldsOf(eventId: Prisma.Sql, now: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`bookings b
    WHERE b.status = 'held'
      AND (b.event_id, b.expires_at) >= (${eventId}, '-infinity'::timestamptz)
      AND (b.event_id, b.expires_at) <= (${eventId}, ${now})
    ORDER BY b.event_id, b.expires_at`
}

/** Whether an event has such holds. OFFSET 0 keeps PostgreSQL from making a join of it. */
export function hasExpiredHolds(eventId: Prisma.Sql, now: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM ${expiredHoldsOf(eventId, now)} LIMIT 1 OFFSET 0)`
}
