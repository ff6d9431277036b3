import { withMetadata, type Metadata } from '../../domain/metadata.ts'
import type { EndedBooking, EndReason } from '../../domain/model.ts'
import { momentOf } from '../../domain/moment.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { byAskedKey, idsAsked, isAskedFor, type Asked, type AskedRow } from '../asked.ts'
import { CREATED_AT } from '../load-bookings.ts'
import { linesOf, type LineRow } from '../offer.ts'
import { IS_HOLD_REMEMBERED } from '../retention.ts'
import type { Sql } from '../rows.ts'
import { HAS_EVENT, IS_LIVE } from './bookings.ts'

/** What is remembered of a booking that has ended. */
export interface Ended {
  readonly reason: EndReason
  /** Whose it was; null where that was not written down. */
  readonly userId: string | null
  /** Its last state; null where an earlier version has remembered no more than its end. */
  readonly booking: EndedBooking | null
}

export interface EndedRow {
  id: number | bigint
  event_id: number
  user_id: string | null
  seats: number | null
  lines: LineRow[] | null
  reason: EndReason
  expires_at: Date | null
  created_at: Date | null
  ended_at: Date
  metadata: Metadata | null
}

/** Of rows `b` of `expired_holds`. A hold ends at the instant of its expiry, and is swept later. */
export const ENDED_COLUMNS = Prisma.sql`booking_id AS id, tenant_id, event_id, user_id, seats, lines, reason,
  expires_at, ${CREATED_AT}, metadata,
  CASE reason WHEN 'expired' THEN COALESCE(expires_at, expired_at) ELSE expired_at END AS ended_at`

/**
 * The event of such a row `b` is there: what belonged to a deleted one is not told of. Not as EXISTS, for
 * which PostgreSQL reads all events there are where it takes the rows for many.
 */
export const EVENT_IS_THERE = Prisma.sql`(
  SELECT deleted_at IS NULL FROM events WHERE id = b.event_id AND tenant_id = b.tenant_id) IS TRUE`

/** Reads what has ended in the last week, by their `askedKey`: also holds that nobody has swept yet. */
export async function readEndedBookings(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, Ended>> {
  const ids = Prisma.sql`ANY(${idsAsked(asked)}::text::bigint[])`
  const rows = await sql.$queryRaw<(EndedRow & AskedRow)[]>`
    SELECT ${ENDED_COLUMNS} FROM expired_holds AS b
    WHERE booking_id = ${ids} AND ${isAskedFor(asked, Prisma.sql`booking_id`)}
      AND ${IS_HOLD_REMEMBERED} AND ${EVENT_IS_THERE}
    UNION ALL
    SELECT id, tenant_id, event_id, user_id, seats, lines, 'expired', expires_at, ${CREATED_AT}, metadata, expires_at
    FROM bookings AS b
    WHERE id = ${ids} AND ${isAskedFor(asked)} AND NOT ${IS_LIVE} AND ${HAS_EVENT}`
  return byAskedKey(rows, (row) => ({
    reason: row.reason,
    userId: row.user_id,
    booking: endedOf(row),
  }))
}

/** The booking of a row, in the terms of the rules; null where the row does not tell. */
export function endedOf(row: EndedRow): EndedBooking | null {
  const { user_id: userId, seats } = row
  if (userId === null || seats === null) return null
  const ended = {
    id: Number(row.id),
    eventId: row.event_id,
    userId,
    seats,
    lines: linesOf(row.lines),
    reason: row.reason,
    expiresAt: row.expires_at === null ? null : momentOf(row.expires_at),
    createdAt: row.created_at,
    endedAt: momentOf(row.ended_at),
  }
  return withMetadata<EndedBooking>(ended, row.metadata)
}
