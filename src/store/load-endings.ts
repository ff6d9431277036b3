import { BARE_BOOKING_COLUMNS, shareOf, type ExpiredHolds } from './load-bookings.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { arrayOf, groupByEvent, type BookingRow, type Sql } from './rows.ts'
import { pieceOf } from './settled-piece.ts'

/** Whether bookings of an event end because it is cancelled. */
export function hasEndings({ status, taken }: LockedEvent): boolean {
  return status === 'cancelled' && taken > 0
}

/**
 * Of the events that are cancelled, the bookings that end in this batch because of that, up to a share
 * of the bound, from which the holds are taken that end for their expiry. Each such event has a
 * member, be it an empty one.
 */
export async function loadEndings(
  tx: Sql,
  events: readonly LockedEvent[],
  { due }: ExpiredHolds,
  maxSettled: number,
): Promise<Map<number, readonly BookingRow[]>> {
  const ids = events.filter(hasEndings).map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const share = shareOf(maxSettled, ids.length)
  const limits = ids.map((id) => Math.max(1, share - (due.get(id)?.length ?? 0)))
  const rows = await tx.$queryRaw<BookingRow[]>`
    SELECT b.* FROM ROWS FROM (
      unnest(${arrayOf(ids)}::text::int[]), unnest(${arrayOf(limits)}::text::int[])
    ) AS e(id, most)
    CROSS JOIN LATERAL (
      SELECT ${BARE_BOOKING_COLUMNS} FROM bookings
      WHERE event_id = e.id ORDER BY event_id, user_id LIMIT e.most) AS b`
  const found = groupByEvent(rows)
  return new Map(ids.map((id, i) => [id, pieceOf(found.get(id) ?? [], limits[i] ?? 1)]))
}
