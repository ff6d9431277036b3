import type { EndedBooking, EndReason } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { EXPIRED_HOLD_RETENTION } from '../retention.ts'
import { ENDED_COLUMNS, EVENT_IS_THERE, endedOf, type EndedRow } from './ended-bookings.ts'
import { isThere } from './events.ts'
import { lookThrough, pageOfLooked, type LookedAt, type Page, type ReadSql } from './page.ts'
import type { Position } from './position.ts'

export interface EndedQuery {
  readonly tenantId: string
  readonly eventId?: number | undefined
  readonly userId?: string | undefined
  readonly reasons: readonly EndReason[]
  /** When the booking before the page ended, and its id. */
  readonly after: Position | undefined
  readonly limit: number
}

/** Whose they are, in the terms of the index that has the order. */
interface Subject {
  readonly columns: Prisma.Sql
  readonly key: Prisma.Sql
  readonly isThere: Prisma.Sql
  readonly isShown: Prisma.Sql
}

type ListedRow = EndedRow & LookedAt & { position: string }

/**
 * Reads a page of a tenant's bookings that have ended in the last week, those that ended first coming first.
 * It can be short, see MAX_LOOKED_AT.
 */
export async function listEndedBookings(
  sql: ReadSql,
  query: EndedQuery,
): Promise<Page<EndedBooking>> {
  const subject = subjectOf(query)
  const order = Prisma.sql`${subject.columns}, reason, expired_at, booking_id`
  const parts = query.reasons.map(
    (reason) => Prisma.sql`(${lookThrough(rangeOf(query, subject, reason), order)})`,
  )
  const rows = await sql.$queryRaw<ListedRow[]>`
    SELECT * FROM (${Prisma.join(parts, ' UNION ALL ')}) AS merged
    ORDER BY expired_at, booking_id LIMIT ${query.limit + 1}::int`
  const page = pageOfLooked(rows, query.limit, ({ position, id }) => [position, Number(id)])
  return { rows: page.rows.flatMap((row) => endedOf(row) ?? []), next: page.next }
}

function subjectOf({ tenantId, eventId, userId }: EndedQuery): Subject {
  if (eventId !== undefined) {
    return {
      columns: Prisma.sql`event_id`,
      key: Prisma.sql`${eventId}::int`,
      isThere: isThere({ id: eventId, tenantId }),
      isShown: userId === undefined ? Prisma.sql`true` : Prisma.sql`user_id = ${userId}::text`,
    }
  }
  const ofAny = { isThere: Prisma.sql`true`, isShown: EVENT_IS_THERE }
  return userId === undefined
    ? { columns: Prisma.sql`tenant_id`, key: Prisma.sql`${tenantId}::text`, ...ofAny }
    : {
        columns: Prisma.sql`tenant_id, user_id`,
        key: Prisma.sql`${tenantId}::text, ${userId}::text`,
        ...ofAny,
      }
}

/** As a range, which no index serves but that of the order: see booking-lists.ts. */
function rangeOf({ tenantId, after }: EndedQuery, subject: Subject, reason: EndReason): Prisma.Sql {
  const columns = Prisma.sql`${subject.columns}, reason`
  const key = Prisma.sql`${subject.key}, ${reason}::text`
  const [since, afterId] = after ?? ['-infinity', 0]
  return Prisma.sql`
    SELECT ${ENDED_COLUMNS}, expired_at, booking_id, expired_at::text AS position,
      seats IS NOT NULL AND tenant_id = ${tenantId}::text AND ${subject.isShown} AS is_shown
    FROM expired_holds AS b
    WHERE (${columns}) <= (${key}) AND (${columns}, expired_at, booking_id)
        > (${key}, greatest(${since}::text::timestamptz, now() - ${EXPIRED_HOLD_RETENTION}), ${afterId}::bigint)
      AND ${subject.isThere}`
}
