import type { SeatingDocument } from '../domain/seating/document.ts'
import { Seating } from '../domain/seating/seating.ts'
import type { Sql } from './rows.ts'

/** Seats of all seatings that are kept at hand, at the most: some megabytes. */
const MAX_SEATS_AT_HAND = 1_000_000

/**
 * Seatings that were read, by their digests, the one that was used last behind all others. What a digest
 * stands for never changes: there is nothing to forget but for the room that it takes.
 */
const atHand = new Map<string, Seating>()
let seatsAtHand = 0

/** The seating of an event, whose row says that it has this one; null where it is gone by now. */
export async function seatingOf(
  sql: Pick<Sql, '$queryRaw'>,
  eventId: number,
  digest: string,
): Promise<Seating | null> {
  const known = atHand.get(digest)
  if (known !== undefined) {
    keep(digest, known)
    return known
  }
  const [row] = await sql.$queryRaw<{ document: SeatingDocument }[]>`
    SELECT document FROM event_seatings
    WHERE event_id = ${eventId}::int AND digest = ${digest}::text`
  if (row === undefined) return null
  const seating = new Seating(row.document)
  keep(digest, seating)
  return seating
}

function keep(digest: string, seating: Seating): void {
  if (atHand.delete(digest)) seatsAtHand -= seating.count
  atHand.set(digest, seating)
  seatsAtHand += seating.count
  for (const [oldest, { count }] of atHand) {
    if (seatsAtHand <= MAX_SEATS_AT_HAND || oldest === digest) return
    atHand.delete(oldest)
    seatsAtHand -= count
  }
}
