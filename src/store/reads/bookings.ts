import type { Booking, BookingStatus } from '../../domain/model.ts'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import { BOOKING_COLUMNS } from '../load-bookings.ts'
import { bookingOf, type BookingRow, type Sql } from '../rows.ts'

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

/** Reads one booking; null where there is none, or no more. */
export async function readBooking(sql: Sql, id: number): Promise<Booking | null> {
  const [row] = await sql.$queryRaw<BookingRow[]>`
    SELECT ${BOOKING_COLUMNS} FROM bookings WHERE id = ${id}::bigint AND ${IS_LIVE}`
  return row === undefined ? null : bookingOf(row)
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

/** The event whose lock a booking's commands are decided under; null where the booking is gone. */
export async function findEventOfBooking(
  { booking }: Pick<PrismaClient, 'booking'>,
  id: number,
): Promise<number | null> {
  const found = await booking.findUnique({ where: { id }, select: { eventId: true } })
  return found?.eventId ?? null
}

/** Whether a booking is gone because its hold had expired. */
export async function hasHoldExpired(
  { expiredHold }: Pick<PrismaClient, 'expiredHold'>,
  bookingId: number,
): Promise<boolean> {
  const found = await expiredHold.findUnique({ where: { bookingId }, select: { bookingId: true } })
  return found !== null
}
