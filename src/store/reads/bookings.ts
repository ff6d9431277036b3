import { Prisma } from '../../generated/prisma/client.ts'
import type { Booking, BookingStatus } from '../../domain/commands.ts'
import { bookingOf, type BookingRow, type Sql } from '../rows.ts'

export interface BookingQuery {
  readonly eventId?: number | undefined
  readonly userId?: string | undefined
  readonly status?: BookingStatus | undefined
  /** The id of the booking before the page. */
  readonly afterId: number
  readonly limit: number
}

// A row of the predecessor may lack the time it was made at.
const COLUMNS = Prisma.sql`id, event_id, user_id, seats, status, expires_at,
  COALESCE(created_at, to_timestamp(0)) AS created_at`

/** A hold that has expired is no booking, swept or not; by the database's clock. */
const IS_LIVE = Prisma.sql`(status = 'confirmed' OR expires_at > now())`

/** Reads one booking; null where there is none, or no more. */
export async function readBooking(sql: Sql, id: number): Promise<Booking | null> {
  const [row] = await sql.$queryRaw<BookingRow[]>`
    SELECT ${COLUMNS} FROM bookings WHERE id = ${id}::int AND ${IS_LIVE}`
  return row === undefined ? null : bookingOf(row)
}

/** Reads a page of bookings, oldest first. */
export async function listBookings(sql: Sql, query: BookingQuery): Promise<Booking[]> {
  const conditions = [IS_LIVE, Prisma.sql`id > ${query.afterId}::int`]
  if (query.eventId !== undefined) conditions.push(Prisma.sql`event_id = ${query.eventId}::int`)
  if (query.userId !== undefined) conditions.push(Prisma.sql`user_id = ${query.userId}::text`)
  if (query.status !== undefined) conditions.push(Prisma.sql`status = ${query.status}::text`)
  const rows = await sql.$queryRaw<BookingRow[]>`
    SELECT ${COLUMNS} FROM bookings WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY id LIMIT ${query.limit}::int`
  return rows.map(bookingOf)
}

/** The event whose lock a booking's commands are decided under; null where the booking is gone. */
export async function findEventOfBooking(sql: Sql, id: number): Promise<number | null> {
  const [row] = await sql.$queryRaw<{ event_id: number }[]>`
    SELECT event_id FROM bookings WHERE id = ${id}::int`
  return row?.event_id ?? null
}

/** Whether a booking is gone because its hold had expired. */
export async function hasHoldExpired(sql: Sql, bookingId: number): Promise<boolean> {
  const rows = await sql.$queryRaw<unknown[]>`
    SELECT booking_id FROM expired_holds WHERE booking_id = ${bookingId}::int`
  return rows.length > 0
}
