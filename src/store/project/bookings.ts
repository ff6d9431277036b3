import type { Metadata } from '../../domain/metadata.ts'
import type { BookingFact } from '../../domain/facts.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { rowsOfLines } from '../offer.ts'
import { arrayOf, type Sql } from '../rows.ts'

/** The fact that a booking was left with; those that the batch itself made are another matter. */
function lastFacts(facts: readonly BookingFact[]): BookingFact[] {
  const known = facts.filter(({ bookingId }) => bookingId > 0)
  return [...new Map(known.map((fact) => [fact.bookingId, fact])).values()]
}

/** Removes the bookings that have ended, and remembers their last states. */
export async function removeBookings(tx: Sql, facts: readonly BookingFact[]): Promise<void> {
  const changed = changedMetadata(facts)
  const ended = lastFacts(facts).flatMap((fact) => {
    const { bookingId: id, type: reason, status, seatsBefore: seats } = fact
    const lines = rowsOfLines(fact.lines) ?? undefined
    return status === null ? [{ id, reason, seats, lines, metadata: changed.get(id) }] : []
  })
  if (ended.length === 0) return
  const ids = arrayOf(ended.map(({ id }) => id))
  // What the row has of them need not come and go; what the batch has changed before is not in it.
  await tx.$executeRaw`
    WITH gone AS (
        DELETE FROM bookings WHERE id = ANY(${ids}::text::bigint[]) RETURNING *)
    INSERT INTO expired_holds (
      booking_id, event_id, tenant_id, user_id, reason, seats, lines, created_at, expires_at, metadata)
    SELECT gone.id, event_id, tenant_id, user_id, b.reason, b.seats, b.lines, created_at,
      CASE WHEN b.reason <> 'cancelled' THEN expires_at END,
      ${metadataAfter(Prisma.sql`gone`)}
    FROM gone JOIN json_to_recordset(${JSON.stringify(ended)}::json)
      AS b(id bigint, reason text, seats int, lines jsonb, metadata json) ON b.id = gone.id
    ON CONFLICT (booking_id, slot) DO UPDATE SET event_id = excluded.event_id,
      tenant_id = excluded.tenant_id, user_id = excluded.user_id, expired_at = now(),
      reason = excluded.reason, seats = excluded.seats, created_at = excluded.created_at,
      expires_at = excluded.expires_at, metadata = excluded.metadata, lines = excluded.lines`
}

/** Writes what has changed of bookings that stay. */
export async function updateBookings(tx: Sql, facts: readonly BookingFact[]): Promise<void> {
  const changed = changedMetadata(facts)
  const rows = lastFacts(facts).flatMap(
    ({ bookingId: id, seatsAfter, lines, status, expiresAt }) =>
      status === null
        ? []
        : {
            id,
            seats: seatsAfter,
            lines: rowsOfLines(lines) ?? undefined,
            status,
            expires_at: expiresAt,
            metadata: changed.get(id),
          },
  )
  if (rows.length === 0) return
  const setMetadata =
    changed.size === 0
      ? Prisma.empty
      : Prisma.sql`, metadata = ${metadataAfter(Prisma.sql`bookings`)}`
  await tx.$executeRaw`
    UPDATE bookings SET seats = b.seats, lines = b.lines, status = b.status,
      expires_at = b.expires_at ${setMetadata}
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS b(id bigint, seats int, lines jsonb, status text, expires_at timestamptz, metadata json)
    WHERE bookings.id = b.id`
}

/**
 * Makes the rows of bookings anew whose seats were taken again, out of what was remembered of them. Where the
 * hold has expired in the same batch its row has never gone, and is updated like others.
 */
export async function restoreBookings(tx: Sql, facts: readonly BookingFact[]): Promise<void> {
  const restored = new Set(
    facts.flatMap(({ type, bookingId }) => (type === 'reacquired' ? bookingId : [])),
  )
  if (restored.size === 0) return
  const changed = changedMetadata(facts)
  const rows = lastFacts(facts).flatMap(({ bookingId: id, seatsAfter: seats, lines: after }) => {
    const lines = rowsOfLines(after) ?? undefined
    return restored.has(id) ? [{ id, seats, lines, metadata: changed.get(id) }] : []
  })
  await tx.$executeRaw`
    WITH remembered AS (
        DELETE FROM expired_holds WHERE booking_id = ANY(${arrayOf([...restored])}::text::bigint[])
        RETURNING *)
    INSERT INTO bookings (id, event_id, tenant_id, user_id, seats, lines, created_at, metadata)
    SELECT b.id, event_id, tenant_id, user_id, b.seats, b.lines, created_at,
      ${metadataAfter(Prisma.sql`remembered`)}
    FROM remembered JOIN json_to_recordset(${JSON.stringify(rows)}::json)
      AS b(id bigint, seats int, lines jsonb, metadata json) ON b.id = remembered.booking_id
    WHERE NOT EXISTS (SELECT FROM bookings WHERE bookings.id = b.id)`
}

/** What bookings are to carry from now on, of those whose metadata have changed. */
function changedMetadata(facts: readonly BookingFact[]): Map<number, Metadata> {
  return new Map(
    facts.flatMap(({ bookingId, metadata }): [number, Metadata][] =>
      bookingId > 0 && metadata !== undefined ? [[bookingId, metadata]] : [],
    ),
  )
}

/** The metadata of a booking after the batch, where those of `b` are null if it has not changed them. */
function metadataAfter(before: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN b.metadata IS NULL THEN ${before}.metadata
    WHEN b.metadata::text <> '{}' THEN b.metadata END`
}
