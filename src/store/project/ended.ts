import type { BookingFact } from '../../domain/facts.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { rowsOfLines } from '../offer.ts'
import { arrayOf, type Sql } from '../rows.ts'
import { metadataAfter } from './bookings.ts'
import type { LeftBookings } from './left.ts'
import { realId } from './new-ids.ts'

const REMEMBER = Prisma.sql`INSERT INTO expired_holds (
  booking_id, event_id, tenant_id, user_id, reason, seats, lines, created_at, expires_at, metadata)`

/** Ids begin anew after TRUNCATE … RESTART IDENTITY. */
const OR_ANEW = Prisma.sql`
  ON CONFLICT (booking_id, slot) DO UPDATE SET event_id = excluded.event_id,
    tenant_id = excluded.tenant_id, user_id = excluded.user_id, expired_at = now(),
    reason = excluded.reason, seats = excluded.seats, created_at = excluded.created_at,
    expires_at = excluded.expires_at, metadata = excluded.metadata, lines = excluded.lines`

/** The last state of a booking that has ended, as far as its last fact tells. */
function rowOf({ type, seatsBefore, lines, expiresAt, metadata }: BookingFact) {
  return {
    reason: type,
    seats: seatsBefore,
    lines: rowsOfLines(lines) ?? undefined,
    // What was confirmed had none.
    expires_at: type === 'cancelled' ? null : expiresAt,
    metadata,
  }
}

/** Removes the bookings that have ended, and remembers their last states. */
export async function removeBookings(tx: Sql, { known }: LeftBookings): Promise<void> {
  const ended = known
    .filter(({ status }) => status === null)
    .map((fact) => ({ id: fact.bookingId, ...rowOf(fact) }))
  if (ended.length === 0) return
  const ids = arrayOf(ended.map(({ id }) => id))
  // What the row has of them need not come and go; what the batch has changed before is not in it.
  await tx.$executeRaw`
    WITH gone AS (
        DELETE FROM bookings WHERE id = ANY(${ids}::text::bigint[]) RETURNING *)
    ${REMEMBER}
    SELECT gone.id, event_id, tenant_id, user_id, b.reason, b.seats, b.lines, created_at,
      CASE WHEN b.reason <> 'cancelled' THEN COALESCE(b.expires_at, gone.expires_at) END,
      ${metadataAfter(Prisma.sql`gone`)}
    FROM gone JOIN json_to_recordset(${JSON.stringify(ended)}::json) AS b(
      id bigint, reason text, seats int, lines jsonb, expires_at timestamptz, metadata json)
      ON b.id = gone.id
    ${OR_ANEW}`
}

/**
 * Remembers the bookings that the batch has made and ended.
 *
 * @param bookingIds - those that were drawn
 */
export async function rememberBrief(
  tx: Sql,
  { brief }: LeftBookings,
  bookingIds: readonly number[],
): Promise<void> {
  if (brief.length === 0) return
  const rows = brief.map((fact) => ({
    id: realId(fact.bookingId, bookingIds),
    event_id: fact.eventId,
    tenant_id: fact.tenantId,
    user_id: fact.userId,
    created_at: fact.at,
    ...rowOf(fact),
  }))
  await tx.$executeRaw`
    ${REMEMBER}
    SELECT id, event_id, tenant_id, user_id, reason, seats, lines, created_at, expires_at,
      CASE WHEN metadata::text <> '{}' THEN metadata END
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS b(
      id bigint, event_id int, tenant_id text, user_id text, reason text, seats int, lines jsonb,
      created_at timestamptz, expires_at timestamptz, metadata json)
    ${OR_ANEW}`
}
