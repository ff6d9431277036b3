import type { Booking } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { BOOKING_COLUMNS } from '../load-bookings.ts'
import { IS_HOLD_REMEMBERED } from '../retention.ts'
import { arrayOf, bookingOf, type BookingRow, type Sql } from '../rows.ts'

/**
 * By the database's clock, an expired hold is no booking, swept or not (`isExpired` of
 * domain/policy.ts).
 */
export const IS_LIVE = Prisma.sql`(status = 'confirmed' OR expires_at > now())`

/** The rows `b` of a deleted event are being removed. */
export const HAS_EVENT = Prisma.sql`(SELECT deleted_at FROM events WHERE id = b.event_id) IS NULL`

/** Reads bookings by their ids; what is not there, or no more, is missing. */
export async function readBookings(
  sql: Sql,
  ids: readonly number[],
): Promise<Map<number, Booking>> {
  const rows = await sql.$queryRaw<BookingRow[]>`
    SELECT ${BOOKING_COLUMNS} FROM bookings AS b
    WHERE id = ANY(${arrayOf(ids)}::text::bigint[]) AND ${IS_LIVE} AND ${HAS_EVENT}`
  return new Map(rows.map((row) => [Number(row.id), bookingOf(row)]))
}

/** The events whose locks the bookings' commands are decided under, by the bookings that are there. */
export async function findEventsOfBookings(
  sql: Sql,
  ids: readonly number[],
): Promise<Map<number, number>> {
  const rows = await sql.$queryRaw<Pick<BookingRow, 'id' | 'event_id'>[]>`
    SELECT id, event_id FROM bookings WHERE id = ANY(${arrayOf(ids)}::text::bigint[])`
  return new Map(rows.map(({ id, event_id }) => [Number(id), event_id]))
}

/** Which of the bookings are gone because their hold had expired. */
export async function findExpiredHolds(
  sql: Sql,
  ids: readonly number[],
): Promise<Map<number, true>> {
  const rows = await sql.$queryRaw<{ booking_id: bigint }[]>`
    SELECT booking_id FROM expired_holds
    WHERE booking_id = ANY(${arrayOf(ids)}::text::bigint[]) AND ${IS_HOLD_REMEMBERED}`
  return new Map(rows.map(({ booking_id }) => [Number(booking_id), true]))
}
