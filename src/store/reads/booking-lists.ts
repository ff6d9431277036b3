import type { Booking, BookingStatus } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { BOOKING_COLUMNS } from '../load-bookings.ts'
import { bookingOf, type BookingRow } from '../rows.ts'
import { HAS_EVENT, IS_LIVE } from './bookings.ts'
import { BEFORE_ALL, DIRECTIONS, type SortDirection } from './direction.ts'
import { isThere } from './events.ts'
import {
  bytesOf,
  lookThrough,
  pageOfLooked,
  withinBytes,
  type LookedAt,
  type Page,
  type ReadSql,
  type Weighed,
} from './page.ts'

export interface BookingQuery {
  readonly tenantId: string
  readonly eventId?: number | undefined
  readonly userId?: string | undefined
  readonly status?: BookingStatus | undefined
  /** By id; default: asc. */
  readonly order?: SortDirection | undefined
  /** The id of the booking before the page; undefined for the first page. */
  readonly afterId?: number | undefined
  readonly limit: number
}

/** How a page is read: one or two ranges of bookings, and the columns that both are in the order of. */
interface Way {
  readonly ranges: readonly Prisma.Sql[]
  readonly order: Prisma.Sql
}

// PostgreSQL is to find them in the statement: indexes are for one of them each.
const HAS_STATUS = {
  confirmed: Prisma.sql`status = 'confirmed'`,
  held: Prisma.sql`status = 'held'`,
} as const satisfies Record<BookingStatus, Prisma.Sql>

const BYTES = bytesOf(Prisma.sql`lines`, Prisma.sql`metadata`)

/** Reads a page of a tenant's bookings, by id. It can be short, see MAX_LOOKED_AT and MAX_PAGE_BYTES. */
export async function listBookings(sql: ReadSql, query: BookingQuery): Promise<Page<Booking>> {
  const { ranges, order } = wayOf(query)
  const parts = ranges.map((range) => Prisma.sql`(${lookThrough(range, order)})`)
  const merged = Prisma.sql`
    SELECT * FROM (${Prisma.join(parts, ' UNION ALL ')}) AS merged
    ORDER BY ${order} LIMIT ${query.limit + 1}::int`
  const rows = await sql.$queryRaw<(BookingRow & LookedAt & Weighed)[]>`
    ${withinBytes(merged, order, BYTES)} ORDER BY ${order}`
  const page = pageOfLooked(rows, query.limit, ({ id }) => [Number(id)])
  return { rows: page.rows.map(bookingOf), next: page.next }
}

function wayOf(query: BookingQuery): Way {
  const { eventId, userId } = query
  if (eventId !== undefined) {
    return userId === undefined ? ofEvent(query, eventId) : ofBoth(query, eventId, userId)
  }
  return userId === undefined ? ofAll(query) : ofUser(query, userId)
}

// The subject of a list is written as a range, not as an equation: so only the index that is made for
// it has the order, whatever the planner takes the subject for. Where most rows are of one event, it
// takes every event to be like that one, and would look for another's among them. And where one tenant
// has most rows, a list of another's user must not be looked for among those of all who are called alike.

function ofEvent(query: BookingQuery, eventId: number): Way {
  const { tenantId, status } = query
  const { direction, isBehind, isUpTo, afterId } = courseOf(query)
  const isIn = Prisma.sql`event_id ${isUpTo} ${eventId}::int
    AND (event_id, id) ${isBehind} (${eventId}::int, ${afterId}::bigint)
    AND ${isThere({ id: eventId, tenantId })}`
  return {
    ranges: statusesOf(status).map((hasStatus) =>
      rangeOf(IS_LIVE, Prisma.sql`${hasStatus} AND ${isIn}`),
    ),
    order: Prisma.sql`event_id ${direction}, id ${direction}`,
  }
}

function ofUser(query: BookingQuery, userId: string): Way {
  const { tenantId, status } = query
  const { direction, isBehind, isUpTo, afterId } = courseOf(query)
  const key = Prisma.sql`${tenantId}::text, ${userId}::text`
  const isIn = Prisma.sql`(tenant_id, user_id) ${isUpTo} (${key})
    AND (tenant_id, user_id, id) ${isBehind} (${key}, ${afterId}::bigint)`
  const isShown = Prisma.sql`${IS_LIVE} AND ${HAS_EVENT}`
  return {
    ranges: statusesOf(status).map((hasStatus) =>
      rangeOf(isShown, Prisma.sql`${hasStatus} AND ${isIn}`),
    ),
    order: Prisma.sql`tenant_id ${direction}, user_id ${direction}, id ${direction}`,
  }
}

/** A user has one booking for an event, at the most. */
function ofBoth(query: BookingQuery, eventId: number, userId: string): Way {
  const { tenantId, status } = query
  const { isBehind, afterId } = courseOf(query)
  const key = Prisma.sql`(${eventId}::int, ${userId}::text)`
  const isShown = Prisma.sql`${IS_LIVE} AND id ${isBehind} ${afterId}::bigint`
  return {
    ranges: [
      rangeOf(
        status === undefined ? isShown : Prisma.sql`${isShown} AND ${HAS_STATUS[status]}`,
        Prisma.sql`(event_id, user_id) >= ${key} AND (event_id, user_id) <= ${key}
          AND ${isThere({ id: eventId, tenantId })}`,
      ),
    ],
    order: Prisma.sql`event_id, user_id`,
  }
}

/** Nearly all are confirmed, so that an index of those would only cost: what is held is passed over. */
function ofAll(query: BookingQuery): Way {
  const { tenantId, status } = query
  const { direction, isBehind, isUpTo, afterId } = courseOf(query)
  // As the indexes of all have it, which are to serve nothing else: see the migration.
  const tenant = Prisma.sql`tenant_id COLLATE "C"`
  const isIn = Prisma.sql`${tenant} ${isUpTo} ${tenantId}::text
    AND (${tenant}, id) ${isBehind} (${tenantId}::text, ${afterId}::bigint)`
  const isShown = Prisma.sql`${IS_LIVE} AND ${HAS_EVENT}`
  const range =
    status === 'held'
      ? rangeOf(isShown, Prisma.sql`${HAS_STATUS.held} AND ${isIn}`)
      : rangeOf(
          status === undefined ? isShown : Prisma.sql`${HAS_STATUS[status]} AND ${HAS_EVENT}`,
          isIn,
        )
  return { ranges: [range], order: Prisma.sql`${tenant} ${direction}, id ${direction}` }
}

/** Which way, and from where, a page goes through its ranges. */
function courseOf({ order = 'asc', afterId }: BookingQuery) {
  const [direction, isBehind, isUpTo] = DIRECTIONS[order]
  return { direction, isBehind, isUpTo, afterId: afterId ?? BEFORE_ALL[order] }
}

function statusesOf(status: BookingStatus | undefined): readonly Prisma.Sql[] {
  return status === undefined ? [HAS_STATUS.confirmed, HAS_STATUS.held] : [HAS_STATUS[status]]
}

function rangeOf(isShown: Prisma.Sql, isIn: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT tenant_id, ${BOOKING_COLUMNS}, ${isShown} AS is_shown FROM bookings AS b WHERE ${isIn}`
}
