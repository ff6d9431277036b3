import type { SeatingDocument } from '../domain/seating/document.ts'
import { Seating } from '../domain/seating/seating.ts'
import { AtHand } from './at-hand.ts'
import type { Sql } from './rows.ts'

/** The weight of all seatings at hand: 100 MB at the most, and far less where long rows give numbers. */
export const MAX_WEIGHT_AT_HAND = 1_000_000

/** A row is as heavy as so many seats, whatever it has: it takes some 350 bytes. */
const WEIGHT_OF_ROW = 4

/** By their digests. What a digest stands for never changes: there is nothing to forget but for the room. */
const atHand = new AtHand<string, Seating>(MAX_WEIGHT_AT_HAND, weightOf)

/** What a seating takes of memory, in seats that have a name: such a one is some 100 bytes. */
export function weightOf({ count, rows }: Seating): number {
  return count + WEIGHT_OF_ROW * rows.length
}

/** The seating of an event, whose row says that it has this one; null where it is gone by now. */
export async function seatingOf(
  sql: Pick<Sql, '$queryRaw'>,
  eventId: number,
  digest: string,
): Promise<Seating | null> {
  const known = atHand.get(digest)
  if (known !== undefined) return known
  const [row] = await sql.$queryRaw<{ document: SeatingDocument }[]>`
    SELECT document FROM event_seatings
    WHERE event_id = ${eventId}::int AND digest = ${digest}::text`
  if (row === undefined) return null
  const seating = new Seating(row.document)
  keepSeating(digest, seating)
  return seating
}

/** The seating that a digest stands for; undefined where it would have to be read. */
export function seatingAtHand(digest: string): Seating | undefined {
  return atHand.get(digest)
}

/** Whether it need not be read, and made, before it is used. */
export function isSeatingAtHand(digest: string): boolean {
  return atHand.has(digest)
}

export function keepSeating(digest: string, seating: Seating): void {
  atHand.keep(digest, seating)
}
