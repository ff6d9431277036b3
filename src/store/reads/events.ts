import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import type { EventSettings, EventView } from '../../domain/model.ts'
import { byAskedKey, idsAsked, isAskedFor, type Asked } from '../asked.ts'
import { poolRowsOf } from '../event-pools.ts'
import { expiredHoldsOf } from '../expired.ts'
import { seatsOfPools } from '../load-expired.ts'
import type { TakenPoolRow } from '../offer.ts'
import type { EventRow, Sql } from '../rows.ts'
import { settingsOf } from '../settings-rows.ts'

export interface ViewRow extends EventRow {
  tenant_id: string
  metadata: EventSettings['metadata']
  /** Seats of holds that have expired and still stand in the table. */
  expired: number
  blocked: number
  pools: TakenPoolRow[] | null
  /** Those seats by their pools; null where there are none. */
  expired_of_pools: Record<string, number> | null
}

/** Reads events, by their `askedKey`, as they are at this instant, by the database's clock. */
export async function readEvents(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, EventView>> {
  // Whose an event is comes before its holds, which may be many: they tell nobody else anything.
  const rows = await sql.$queryRaw<ViewRow[]>`
    ${VIEW} FROM (
      SELECT * FROM events
      WHERE id = ANY(${idsAsked(asked)}::text::int[]) AND ${isAskedFor(asked)}
        AND deleted_at IS NULL) AS e ${EXPIRED}`
  return byAskedKey(rows, viewOf)
}

/** Whether a tenant has an event: asked where a list of what belongs to one is empty. */
export async function eventExists(
  { event }: Pick<PrismaClient, 'event'>,
  { id, tenantId }: Asked,
): Promise<boolean> {
  const where = { id, tenantId, deletedAt: null }
  const found = await event.findUnique({ where, select: { id: true } })
  return found !== null
}

/**
 * Whether a tenant has an event, as a condition on rows of the event. It is asked once, and not of each
 * row: those of a deleted event may be millions, and those of others' cost as much as there being none.
 */
export function isThere({ id, tenantId }: Asked): Prisma.Sql {
  return Prisma.sql`EXISTS (
    SELECT FROM events
    WHERE id = ${id}::int AND tenant_id = ${tenantId}::text AND deleted_at IS NULL)`
}

/** What is read of the events `e`, to which EXPIRED is joined. */
export const VIEW = Prisma.sql`
  SELECT e.id, e.tenant_id, e.name, e.total_seats, e.taken, e.held, e.waiting, e.starts_at, e.sales_start_at,
    e.sales_end_at, e.max_seats_per_booking, e.hold_seconds, e.waitlist_promotes_to,
    e.status, e.time_zone, e.cancel_until, e.waitlist_closes_at, e.metadata,
    e.ticket_types, e.blocked, ${poolRowsOf(Prisma.sql`e`)} AS pools, x.expired,
    CASE WHEN e.pool_count > 0 AND x.expired > 0 THEN ${seatsOfPools(
      Prisma.sql`e.id`,
      Prisma.sql`now()`,
      Prisma.sql`e.held`,
    )} END AS expired_of_pools`

// In one statement, so of one instant. A hold that has expired takes no seat, swept or not; there are
// no more holds than seats that are held.
export const EXPIRED = Prisma.sql`
  CROSS JOIN LATERAL (
    SELECT COALESCE(sum(seats), 0)::int AS expired
    FROM (
      SELECT b.seats FROM ${expiredHoldsOf(Prisma.sql`e.id`, Prisma.sql`now()`)}
      LIMIT e.held) AS due) AS x`

export function viewOf(row: ViewRow): EventView {
  return {
    ...settingsOf(row, row.metadata),
    id: row.id,
    bookedSeats: row.taken - row.held,
    heldSeats: row.held - row.expired,
    blockedSeats: row.blocked,
    waitlistLength: row.waiting,
    pools: (row.pools ?? []).map(({ key, capacity, taken, blocked }) => ({
      key,
      capacity,
      available: capacity - taken - blocked + (row.expired_of_pools?.[key] ?? 0),
    })),
  }
}
