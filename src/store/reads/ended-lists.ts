import type { EndedBooking, EndReason } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { EXPIRED_HOLD_RETENTION } from '../retention.ts'
import { BEFORE_ALL, BEFORE_ALL_MOMENTS, DIRECTIONS, type SortDirection } from './direction.ts'
import { ENDED_COLUMNS, EVENT_IS_THERE, endedOf, type EndedRow } from './ended-bookings.ts'
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
import type { Position } from './position.ts'

export interface EndedQuery {
  readonly tenantId: string
  readonly eventId?: number | undefined
  readonly userId?: string | undefined
  readonly reasons: readonly EndReason[]
  /** By when they ended; default: asc. */
  readonly order?: SortDirection | undefined
  /** When the booking before the page ended, and its id. */
  readonly after: Position | undefined
  readonly limit: number
}

/** Whose they are, in the terms of the index that has the order. */
interface Subject {
  readonly columns: readonly Prisma.Sql[]
  readonly key: Prisma.Sql
  readonly isThere: Prisma.Sql
  readonly isShown: Prisma.Sql
}

const REASON = Prisma.sql`reason`
const ORDER = [Prisma.sql`expired_at`, Prisma.sql`booking_id`]

const BYTES = bytesOf(Prisma.sql`lines`, Prisma.sql`metadata`)

type ListedRow = EndedRow & LookedAt & Weighed & { position: string }

/**
 * Reads a page of a tenant's bookings that have ended in the last week, by when they ended. It can be
 * short, see MAX_LOOKED_AT and MAX_PAGE_BYTES.
 */
export async function listEndedBookings(
  sql: ReadSql,
  query: EndedQuery,
): Promise<Page<EndedBooking>> {
  const subject = subjectOf(query)
  const [direction] = DIRECTIONS[query.order ?? 'asc']
  const order = orderBy([...subject.columns, REASON, ...ORDER], direction)
  // Their order is not that of the page: so each ends by itself where the page could not show more of it.
  const most = Prisma.sql`LIMIT ${query.limit + 1}::int`
  const parts = query.reasons.map(
    (reason) => Prisma.sql`(${lookThrough(rangeOf(query, subject, reason), order)} ${most})`,
  )
  const byEnd = orderBy(ORDER, direction)
  const merged = Prisma.sql`
    SELECT * FROM (${Prisma.join(parts, ' UNION ALL ')}) AS merged ORDER BY ${byEnd} ${most}`
  const rows = await sql.$queryRaw<ListedRow[]>`
    ${withinBytes(merged, byEnd, BYTES)} ORDER BY ${byEnd}`
  const page = pageOfLooked(rows, query.limit, ({ position, id }) => [position, Number(id)])
  return { rows: page.rows.flatMap((row) => endedOf(row) ?? []), next: page.next }
}

function orderBy(columns: readonly Prisma.Sql[], direction: Prisma.Sql): Prisma.Sql {
  return Prisma.join(columns.map((column) => Prisma.sql`${column} ${direction}`))
}

function subjectOf({ tenantId, eventId, userId }: EndedQuery): Subject {
  if (eventId !== undefined) {
    return {
      columns: [Prisma.sql`event_id`],
      key: Prisma.sql`${eventId}::int`,
      isThere: isThere({ id: eventId, tenantId }),
      isShown: userId === undefined ? Prisma.sql`true` : Prisma.sql`user_id = ${userId}::text`,
    }
  }
  const ofAny = { isThere: Prisma.sql`true`, isShown: EVENT_IS_THERE }
  return userId === undefined
    ? { columns: [Prisma.sql`tenant_id`], key: Prisma.sql`${tenantId}::text`, ...ofAny }
    : {
        columns: [Prisma.sql`tenant_id`, Prisma.sql`user_id`],
        key: Prisma.sql`${tenantId}::text, ${userId}::text`,
        ...ofAny,
      }
}

/** As a range, which no index serves but that of the order: see booking-lists.ts. */
function rangeOf(query: EndedQuery, subject: Subject, reason: EndReason): Prisma.Sql {
  const { tenantId, order = 'asc', after } = query
  const [, isBehind, isUpTo] = DIRECTIONS[order]
  const columns = Prisma.join([...subject.columns, REASON])
  const key = Prisma.sql`${subject.key}, ${reason}::text`
  const [moment, id] = after ?? [BEFORE_ALL_MOMENTS[order], BEFORE_ALL[order]]
  const remembered = Prisma.sql`now() - ${EXPIRED_HOLD_RETENTION}`
  const given = Prisma.sql`${moment}::text::timestamptz`
  const [from, to] =
    order === 'asc'
      ? [Prisma.sql`greatest(${given}, ${remembered})`, Prisma.sql`'infinity'`]
      : [given, remembered]
  return Prisma.sql`
    SELECT ${ENDED_COLUMNS}, expired_at, booking_id, expired_at::text AS position,
      seats IS NOT NULL AND tenant_id = ${tenantId}::text AND ${subject.isShown} AS is_shown
    FROM expired_holds AS b
    WHERE (${columns}, expired_at) ${isUpTo} (${key}, ${to})
      AND (${columns}, expired_at, booking_id) ${isBehind} (${key}, ${from}, ${id}::bigint)
      AND ${subject.isThere}`
}
