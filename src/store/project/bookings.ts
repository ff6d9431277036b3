import type { BookingFact } from '../../domain/facts.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { rowsOfLines } from '../offer.ts'
import { IS_HOLD_REMEMBERED } from '../retention.ts'
import { arrayOf, type Sql } from '../rows.ts'
import type { LeftBookings } from './left.ts'

/** Writes what has changed of bookings that stay. */
export async function updateBookings(tx: Sql, { known }: LeftBookings): Promise<void> {
  const rows = known.flatMap(({ bookingId: id, seatsAfter, lines, status, expiresAt, metadata }) =>
    status === null
      ? []
      : {
          id,
          seats: seatsAfter,
          lines: rowsOfLines(lines) ?? undefined,
          status,
          expires_at: expiresAt,
          metadata,
        },
  )
  if (rows.length === 0) return
  const setMetadata = rows.some(({ metadata }) => metadata !== undefined)
    ? Prisma.sql`, metadata = ${metadataAfter(Prisma.sql`bookings`)}`
    : Prisma.empty
  await tx.$executeRaw`
    UPDATE bookings SET seats = b.seats, lines = b.lines, status = b.status,
      expires_at = b.expires_at ${setMetadata}
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS b(id bigint, seats int, lines jsonb, status text, expires_at timestamptz, metadata json)
    WHERE bookings.id = b.id`
}

/**
 * Makes the rows of bookings anew whose seats were taken again, out of what was remembered of them. Where the
 * hold has expired in the same batch its row has never gone, and is updated like others. After TRUNCATE …
 * RESTART IDENTITY more is remembered of an id: the last hold that has expired under it is meant, as
 * `loadExpiredBookings` has it.
 */
export async function restoreBookings(
  tx: Sql,
  facts: readonly BookingFact[],
  { known }: LeftBookings,
): Promise<void> {
  const restored = new Set(
    facts.flatMap(({ type, bookingId }) => (type === 'reacquired' ? bookingId : [])),
  )
  if (restored.size === 0) return
  const rows = known.flatMap(({ bookingId: id, seatsAfter: seats, lines, metadata }) =>
    restored.has(id) ? [{ id, seats, lines: rowsOfLines(lines) ?? undefined, metadata }] : [],
  )
  await tx.$executeRaw`
    WITH last AS (
        SELECT DISTINCT ON (booking_id) booking_id, slot FROM expired_holds
        WHERE booking_id = ANY(${arrayOf([...restored])}::text::bigint[])
          AND reason = 'expired' AND ${IS_HOLD_REMEMBERED}
        ORDER BY booking_id, expired_at DESC),
      remembered AS (
        DELETE FROM expired_holds AS h USING last
        WHERE h.booking_id = last.booking_id AND h.slot = last.slot RETURNING h.*)
    INSERT INTO bookings (id, event_id, tenant_id, user_id, seats, lines, created_at, metadata)
    SELECT b.id, event_id, tenant_id, user_id, b.seats, b.lines, created_at,
      ${metadataAfter(Prisma.sql`remembered`)}
    FROM remembered JOIN json_to_recordset(${JSON.stringify(rows)}::json)
      AS b(id bigint, seats int, lines jsonb, metadata json) ON b.id = remembered.booking_id
    WHERE NOT EXISTS (SELECT FROM bookings WHERE bookings.id = b.id)`
}

/** The metadata of a booking after the batch, where those of `b` are null if it has not changed them. */
export function metadataAfter(before: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN b.metadata IS NULL THEN ${before}.metadata
    WHEN b.metadata::text <> '{}' THEN b.metadata END`
}
