import type { Booking, BookingStatus } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { BOOKING_COLUMNS } from '../load-bookings.ts'
import { arrayOf, bookingOf, type BookingRow, type Sql } from '../rows.ts'

export interface BookingQuery {
  readonly eventId?: number | undefined
  readonly userId?: string | undefined
  readonly status?: BookingStatus | undefined
  /** The id of the booking before the page. */
  readonly afterId: number
  readonly limit: number
}

/**
 * By the database's clock, an expired hold is no booking, swept or not (`isExpired` of
 * domain/policy.ts); nor is one of a deleted event, whose rows are being removed.
 */
const IS_LIVE = Prisma.sql`(status = 'confirmed' OR expires_at > now())
  AND event_id <> ALL (ARRAY(SELECT id FROM events WHERE deleted_at IS NOT NULL))`

/** Reads bookings by their ids; what is not there, or no more, is missing. */
export async function readBookings(
  sql: Sql,
  ids: readonly number[],
): Promise<Map<number, Booking>> {
  const rows = await sql.$queryRaw<BookingRow[]>`
    SELECT ${BOOKING_COLUMNS} FROM bookings
    WHERE id = ANY(${arrayOf(ids)}::text::bigint[]) AND ${IS_LIVE}`
  return new Map(rows.map((row) => [Number(row.id), bookingOf(row)]))
}

/** Whether no index serves a list: it may take as long as there are bookings. */
export function isSearch({ eventId, userId, status }: BookingQuery): boolean {
  return userId === undefined && (eventId !== undefined || status !== undefined)
}

/** Reads a page of bookings, oldest first. */
export async function listBookings(sql: Sql, query: BookingQuery): Promise<Booking[]> {
  const conditions = [IS_LIVE, Prisma.sql`id > ${query.afterId}::bigint`]
  if (query.eventId !== undefined) {
    // Asked once, and not of each row: those of a deleted event may be millions.
    conditions.push(
      Prisma.sql`event_id = ${query.eventId}::int
        AND EXISTS (SELECT FROM events WHERE id = ${query.eventId}::int AND deleted_at IS NULL)`,
    )
  }
  if (query.userId !== undefined) conditions.push(Prisma.sql`user_id = ${query.userId}::text`)
  if (query.status !== undefined) conditions.push(Prisma.sql`status = ${query.status}::text`)
  const rows = await sql.$queryRaw<BookingRow[]>`
    SELECT ${BOOKING_COLUMNS} FROM bookings WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY id LIMIT ${query.limit}::int`
  return rows.map(bookingOf)
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
    SELECT booking_id FROM expired_holds WHERE booking_id = ANY(${arrayOf(ids)}::text::bigint[])`
  return new Map(rows.map(({ booking_id }) => [Number(booking_id), true]))
}
