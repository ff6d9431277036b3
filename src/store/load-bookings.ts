import { Prisma } from '../generated/prisma/client.ts'
import type { Command } from '../domain/commands.ts'
import { arrayOf, type BookingRow, type Sql } from './rows.ts'

// `created_at` is a column of the predecessor's: it may be null, and a time that can't be shown
// (domain/moment.ts) tells as little.
export const CREATED_AT = Prisma.sql`
  CASE WHEN created_at >= '0001-01-01T00:00:00Z' AND created_at < '10000-01-01T00:00:00Z'
    THEN created_at END AS created_at`
/** Without their metadata, which may be large: of bookings that are not shown. */
export const BARE_BOOKING_COLUMNS = Prisma.sql`id, event_id, user_id, seats, lines, status, expires_at,
  ${CREATED_AT}`
export const BOOKING_COLUMNS = Prisma.sql`${BARE_BOOKING_COLUMNS}, metadata`

/** The bookings that commands name, by their ids or by their users: also holds that have expired. */
export async function loadNamedBookings(
  tx: Sql,
  commands: readonly Command[],
): Promise<BookingRow[]> {
  const byId = await loadBookings(tx, bookingIdsIn(commands))
  const ofUsers = commands.filter((command) => command.type === 'cancel_of_user')
  return [...(await loadBookingsOf(tx, ofUsers)), ...byId]
}

async function loadBookings(tx: Sql, ids: readonly number[]): Promise<BookingRow[]> {
  if (ids.length === 0) return []
  return tx.$queryRaw<BookingRow[]>`
    SELECT ${BOOKING_COLUMNS} FROM bookings WHERE id = ANY(${arrayOf(ids)}::text::bigint[])`
}

/** Of the bookings that commands name by their ids. */
export function bookingIdsIn(commands: readonly Command[]): number[] {
  return commands.flatMap((command) => ('bookingId' in command ? command.bookingId : []))
}

/** The bookings of users at events, bare and as they are in the table: also holds that have expired. */
export async function loadBookingsOf(
  tx: Sql,
  users: readonly { readonly eventId: number; readonly userId: string }[],
): Promise<BookingRow[]> {
  if (users.length === 0) return []
  return tx.$queryRaw<BookingRow[]>`
    SELECT b.* FROM ROWS FROM (
      unnest(${arrayOf(users.map(({ eventId }) => eventId))}::text::int[]),
      json_array_elements_text(${JSON.stringify(users.map(({ userId }) => userId))}::json)
    ) AS u(event_id, user_id)
    CROSS JOIN LATERAL (
      SELECT ${BARE_BOOKING_COLUMNS} FROM bookings
      WHERE event_id = u.event_id AND user_id = u.user_id) AS b`
}
