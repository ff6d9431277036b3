import { Prisma } from '../generated/prisma/client.ts'
import type { Command } from '../domain/commands.ts'
import type { Booking } from '../domain/model.ts'
import { expiredHoldsOf } from './expired.ts'
import { BARE_BOOKING_COLUMNS, bookingIdsIn, CREATED_AT, loadBookingsOf } from './load-bookings.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { IS_HOLD_REMEMBERED } from './retention.ts'
import { arrayOf, bookingOf, groupByEvent, type BookingRow, type Sql } from './rows.ts'
import { pieceOf, shareOf } from './settled-piece.ts'

/** What is known of a booking that is gone because its hold had expired. */
export interface ExpiredBooking {
  /** Null where it was not written down. */
  readonly userId: string | null
  /** As it was; null where an earlier version has not remembered that. */
  readonly booking: Booking | null
}

type ExpiredRow = Omit<BookingRow, 'user_id' | 'seats'> & {
  user_id: string | null
  seats: number | null
}

/** Those of the bookings that commands name. */
export async function loadExpiredBookings(
  tx: Sql,
  commands: readonly Command[],
): Promise<Map<number, ExpiredBooking>> {
  const named = bookingIdsIn(commands)
  if (named.length === 0) return new Map()
  const rows = await tx.$queryRaw<ExpiredRow[]>`
    SELECT booking_id AS id, event_id, user_id, seats, lines, 'held' AS status, expires_at,
      ${CREATED_AT}, metadata
    FROM expired_holds WHERE booking_id = ANY(${arrayOf(named)}::text::bigint[])
      AND reason = 'expired' AND ${IS_HOLD_REMEMBERED}
    ORDER BY expired_at`
  // After TRUNCATE … RESTART IDENTITY there may be several of an id: the last one counts.
  return new Map(rows.map((row) => [Number(row.id), expiredOf(row)]))
}

function expiredOf({ user_id: userId, seats, ...row }: ExpiredRow): ExpiredBooking {
  const isKnown = userId !== null && seats !== null
  return { userId, booking: isKnown ? bookingOf({ ...row, user_id: userId, seats }) : null }
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
      SELECT ${BARE_BOOKING_COLUMNS} FROM ${expiredHoldsOf(Prisma.sql`e.id`, timestampOf(now))}
      LIMIT ${share + 1}::int) AS b`
  const found = groupByEvent(oldest)
  const pieces = new Map([...found].map(([id, rows]) => [id, pieceOf(rows, share)]))
  const hasExpired = new Set(ids)
  const reserves = commands.filter((command) => command.type === 'reserve')
  const named = reserves.filter(({ eventId }) => hasExpired.has(eventId))
  const ofNamed = await loadExpiredOf(tx, named, now)
  const due = groupByEvent([...[...pieces.values()].flat(), ...ofNamed])
  const more = ids.filter((id) => (found.get(id)?.length ?? 0) > (pieces.get(id)?.length ?? 0))
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

/** Seats of holds that have expired: all, and of each pool. */
export interface ExpiredSeats {
  readonly seats: number
  readonly ofPools: ReadonlyMap<string, number>
}

/** Seats of all holds that have expired, by event. */
export async function loadExpiredSeats(
  tx: Sql,
  eventIds: readonly number[],
  now: Date,
): Promise<Map<number, ExpiredSeats>> {
  if (eventIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<
    { event_id: number; seats: number; pools: Record<string, number> | null }[]
  >`
    SELECT e.id AS event_id, due.seats, due.pools
    FROM unnest(${arrayOf(eventIds)}::text::int[]) AS e(id)
    CROSS JOIN LATERAL (
      SELECT sum(seats)::int AS seats, ${seatsOfPools(Prisma.sql`e.id`, timestampOf(now))} AS pools
      FROM (SELECT b.seats FROM ${expiredHoldsOf(Prisma.sql`e.id`, timestampOf(now))}) AS b) AS due
    WHERE due.seats IS NOT NULL`
  return new Map(
    rows.map(({ event_id, seats, pools }) => [
      event_id,
      { seats, ofPools: new Map(Object.entries(pools ?? {})) },
    ]),
  )
}

/**
 * Seats of expired holds of an event by their pools, as JSON; null where there are none.
 *
 * @param most - how many holds there can be; as many as there are where it is NULL
 */
export function seatsOfPools(
  eventId: Prisma.Sql,
  now: Prisma.Sql,
  most = Prisma.sql`NULL`,
): Prisma.Sql {
  return Prisma.sql`(
    SELECT json_object_agg(taken.pool, taken.seats) FROM (
      SELECT p.pool, sum(l.seats) AS seats
      FROM (SELECT b.lines FROM ${expiredHoldsOf(eventId, now)} LIMIT ${most}) AS due
      CROSS JOIN LATERAL jsonb_to_recordset(due.lines) AS l(seats int, pools text[])
      CROSS JOIN LATERAL unnest(l.pools) AS p(pool)
      GROUP BY p.pool) AS taken)`
}

function timestampOf(moment: Date): Prisma.Sql {
  return Prisma.sql`to_timestamp(${moment.getTime()}::float8 / 1000)`
}
