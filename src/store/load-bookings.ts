import { Prisma } from '../generated/prisma/client.ts'
import type { Command } from '../domain/commands.ts'
import { expiredHoldsOf } from './expired.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { IS_HOLD_REMEMBERED } from './retention.ts'
import { arrayOf, groupByEvent, type BookingRow, type Sql } from './rows.ts'

// `created_at` is a column of the predecessor's: it may be null, and a time that can't be shown
// (domain/moment.ts) tells as little.
export const BOOKING_COLUMNS = Prisma.sql`id, event_id, user_id, seats, status, expires_at,
  CASE WHEN created_at >= '0001-01-01T00:00:00Z' AND created_at < '10000-01-01T00:00:00Z'
    THEN created_at END AS created_at`

function timestampOf(moment: Date): Prisma.Sql {
  return Prisma.sql`to_timestamp(${moment.getTime()}::float8 / 1000)`
}

/** The bookings that commands name. */
export async function loadNamedBookings(
  tx: Sql,
  commands: readonly Command[],
): Promise<BookingRow[]> {
  const named = bookingIdsIn(commands)
  if (named.length === 0) return []
  return tx.$queryRaw<BookingRow[]>`
    SELECT ${BOOKING_COLUMNS} FROM bookings WHERE id = ANY(${arrayOf(named)}::text::bigint[])`
}

function bookingIdsIn(commands: readonly Command[]): number[] {
  return commands.flatMap((command) => ('bookingId' in command ? command.bookingId : []))
}

/** Whose they were, of the bookings that commands name and that are gone because their hold had expired. */
export async function loadExpiredOwners(
  tx: Sql,
  commands: readonly Command[],
): Promise<Map<number, string | null>> {
  const named = bookingIdsIn(commands)
  if (named.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ booking_id: bigint; user_id: string | null }[]>`
    SELECT booking_id, user_id FROM expired_holds
    WHERE booking_id = ANY(${arrayOf(named)}::text::bigint[]) AND ${IS_HOLD_REMEMBERED}`
  return new Map(rows.map(({ booking_id, user_id }) => [Number(booking_id), user_id]))
}

export interface ExpiredHolds {
  /** By event, oldest first. */
  readonly due: ReadonlyMap<number, readonly BookingRow[]>
  /** The events of which more have expired. */
  readonly more: ReadonlySet<number>
}

/**
 * The holds that have expired: of each event the oldest, up to a share of the bound; and those of
 * the users whom commands name, as they must not stand in the way of their own user.
 */
export async function loadExpiredHolds(
  tx: Sql,
  events: readonly LockedEvent[],
  commands: readonly Command[],
  now: Date,
  maxSettled: number,
): Promise<ExpiredHolds> {
  const ids = events.filter((event) => event.has_expired_holds).map(({ id }) => id)
  if (ids.length === 0) return { due: new Map(), more: new Set() }
  const share = shareOf(maxSettled, ids.length)
  const oldest = await tx.$queryRaw<BookingRow[]>`
    SELECT b.* FROM unnest(${arrayOf(ids)}::text::int[]) AS e(id)
    CROSS JOIN LATERAL (
      SELECT ${BOOKING_COLUMNS} FROM ${expiredHoldsOf(Prisma.sql`e.id`, timestampOf(now))}
      LIMIT ${share + 1}::int) AS b`
  const found = groupByEvent(oldest)
  const hasExpired = new Set(ids)
  const reserves = commands.filter((command) => command.type === 'reserve')
  const named = reserves.filter(({ eventId }) => hasExpired.has(eventId))
  const ofNamed = await loadExpiredOf(tx, named, now)
  const due = groupByEvent([
    ...[...found.values()].flatMap((rows) => rows.slice(0, share)),
    ...ofNamed,
  ])
  const more = ids.filter((id) => (found.get(id)?.length ?? 0) > share)
  return { due, more: new Set(more) }
}

async function loadExpiredOf(
  tx: Sql,
  users: readonly { readonly eventId: number; readonly userId: string }[],
  now: Date,
): Promise<BookingRow[]> {
  if (users.length === 0) return []
  const rows = await loadBookingsOf(tx, users)
  return rows.filter(({ expires_at }) => expires_at !== null && expires_at <= now)
}

/** The bookings of users at events, as they are in the table: also holds that have expired. */
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
      SELECT ${BOOKING_COLUMNS} FROM bookings
      WHERE event_id = u.event_id AND user_id = u.user_id) AS b`
}

/** Seats of all holds that have expired, by event. */
export async function loadExpiredSeats(
  tx: Sql,
  eventIds: readonly number[],
  now: Date,
): Promise<Map<number, number>> {
  if (eventIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ event_id: number; seats: number }[]>`
    SELECT event_id, sum(seats)::int AS seats FROM bookings
    WHERE event_id = ANY(${arrayOf(eventIds)}::text::int[])
      AND status = 'held' AND expires_at <= ${timestampOf(now)}
    GROUP BY event_id`
  return new Map(rows.map(({ event_id, seats }) => [event_id, seats]))
}

/** What each of some events may take of a bound that all share. */
export function shareOf(bound: number, events: number): number {
  return Math.max(1, Math.floor(bound / events))
}
