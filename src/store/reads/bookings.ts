import type { Booking } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { byAskedKey, idsAsked, isAskedFor, type Asked, type AskedRow } from '../asked.ts'
import { BOOKING_COLUMNS } from '../load-bookings.ts'
import { IS_HOLD_REMEMBERED } from '../retention.ts'
import { bookingOf, type BookingRow, type Sql } from '../rows.ts'

/**
 * By the database's clock, an expired hold is no booking, swept or not (`isExpired` of
 * domain/policy.ts).
 */
export const IS_LIVE = Prisma.sql`(status = 'confirmed' OR expires_at > now())`

/** The rows `b` of a deleted event are being removed. */
export const HAS_EVENT = Prisma.sql`(SELECT deleted_at FROM events WHERE id = b.event_id) IS NULL`

/** What a booking or a waitlist entry belongs to. */
export interface Belonging {
  readonly eventId: number
  readonly userId: string
}

/** A hold that has expired, and is gone. */
export interface ExpiredHold {
  readonly eventId: number
  /** Whose it was; null where that was not written down. */
  readonly userId: string | null
}

type Row<Column extends keyof BookingRow = keyof BookingRow> = Pick<BookingRow, Column> & AskedRow

/** Reads bookings, by their `askedKey`; what is not there, or no more, is missing. */
export async function readBookings(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, Booking>> {
  const rows = await sql.$queryRaw<Row[]>`
    SELECT tenant_id, ${BOOKING_COLUMNS} FROM bookings AS b
    WHERE id = ANY(${idsAsked(asked)}::text::bigint[]) AND ${isAskedFor(asked)}
      AND ${IS_LIVE} AND ${HAS_EVENT}`
  return byAskedKey(rows, bookingOf)
}

/** The events whose locks the bookings' commands are decided under, by the bookings that are there. */
export async function findEventsOfBookings(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, Belonging>> {
  const rows = await sql.$queryRaw<Row<'event_id' | 'user_id'>[]>`
    SELECT id, tenant_id, event_id, user_id FROM bookings
    WHERE id = ANY(${idsAsked(asked)}::text::bigint[]) AND ${isAskedFor(asked)}`
  return byAskedKey(rows, belongingOf)
}

/** Which of the bookings are gone because their hold had expired. */
export async function findExpiredHolds(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, ExpiredHold>> {
  const rows = await sql.$queryRaw<(AskedRow & { event_id: number; user_id: string | null })[]>`
    SELECT booking_id AS id, tenant_id, event_id, user_id FROM expired_holds
    WHERE booking_id = ANY(${idsAsked(asked)}::text::bigint[])
      AND ${isAskedFor(asked, Prisma.sql`booking_id`)}
      AND reason = 'expired' AND ${IS_HOLD_REMEMBERED}`
  return byAskedKey(rows, ({ event_id: eventId, user_id: userId }) => ({ eventId, userId }))
}

export function belongingOf(row: Pick<BookingRow, 'event_id' | 'user_id'>): Belonging {
  return { eventId: row.event_id, userId: row.user_id }
}
