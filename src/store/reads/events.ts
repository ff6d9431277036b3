import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import type { EventSettings, EventView } from '../../domain/model.ts'
import { expiredHoldsOf } from '../expired.ts'
import { arrayOf, settingsOf, type EventRow, type Sql } from '../rows.ts'

export interface ViewRow extends EventRow {
  metadata: EventSettings['metadata']
  /** Seats of holds that have expired and still stand in the table. */
  expired: number
}

/** Reads events by their ids, as they are at this instant, by the database's clock. */
export async function readEvents(
  sql: Sql,
  ids: readonly number[],
): Promise<Map<number, EventView>> {
  const rows = await sql.$queryRaw<ViewRow[]>`
    ${VIEW} FROM (
      SELECT * FROM events
      WHERE id = ANY(${arrayOf(ids)}::text::int[]) AND deleted_at IS NULL) AS e ${EXPIRED}`
  return new Map(rows.map((row) => [row.id, viewOf(row)]))
}

/** Whether there is an event: asked where a list of what belongs to one is empty. */
export async function eventExists(
  { event }: Pick<PrismaClient, 'event'>,
  id: number,
): Promise<boolean> {
  const found = await event.findUnique({ where: { id, deletedAt: null }, select: { id: true } })
  return found !== null
}

/** What is read of the events `e`, to which EXPIRED is joined. */
export const VIEW = Prisma.sql`
  SELECT e.id, e.name, e.total_seats, e.taken, e.held, e.waiting, e.starts_at, e.sales_start_at,
    e.sales_end_at, e.max_seats_per_booking, e.hold_seconds, e.waitlist_promotes_to, e.metadata,
    x.expired`

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
    waitlistLength: row.waiting,
  }
}
