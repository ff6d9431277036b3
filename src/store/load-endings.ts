import { BARE_BOOKING_COLUMNS } from './load-bookings.ts'
import type { ExpiredHolds } from './load-expired.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { arrayOf, groupByEvent, type BookingRow, type Sql } from './rows.ts'
import { pieceOf, shareOf } from './settled-piece.ts'

/** Whether an event is cancelled, and has bookings, or a line, that end because of that. */
export function hasEndings({ status, taken, waiting }: LockedEvent): boolean {
  return status === 'cancelled' && (taken > 0 || waiting > 0)
}

/**
 * Of the events that are cancelled, the bookings that end in this batch because of that, up to a share
 * of the bound, from which the holds are taken that end for their expiry. Each such event has a
 * member, be it an empty one, where only its line is left.
 */
export async function loadEndings(
  tx: Sql,
  events: readonly LockedEvent[],
  { due }: ExpiredHolds,
  maxSettled: number,
): Promise<Map<number, readonly BookingRow[]>> {
  const ending = events.filter(hasEndings)
  const ids = ending.filter(({ taken }) => taken > 0).map(({ id }) => id)
  const limits = limitsOf(ids, due, maxSettled)
  const found = groupByEvent(await loadFirst(tx, limits))
  return new Map(ending.map(({ id }) => [id, pieceOf(found.get(id) ?? [], limits.get(id) ?? 1)]))
}

/** How many bookings may end of each. */
function limitsOf(
  ids: readonly number[],
  due: ExpiredHolds['due'],
  maxSettled: number,
): ReadonlyMap<number, number> {
  const share = shareOf(maxSettled, ids.length)
  return new Map(ids.map((id) => [id, Math.max(1, share - (due.get(id)?.length ?? 0))]))
}

async function loadFirst(tx: Sql, limits: ReadonlyMap<number, number>): Promise<BookingRow[]> {
  if (limits.size === 0) return []
  return tx.$queryRaw<BookingRow[]>`
    SELECT b.* FROM ROWS FROM (
      unnest(${arrayOf([...limits.keys()])}::text::int[]),
      unnest(${arrayOf([...limits.values()])}::text::int[])
    ) AS e(id, most)
    CROSS JOIN LATERAL (
      SELECT ${BARE_BOOKING_COLUMNS} FROM bookings
      WHERE event_id = e.id ORDER BY event_id, user_id LIMIT e.most) AS b`
}
