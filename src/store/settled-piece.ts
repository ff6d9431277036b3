import { asksForSeats } from '../domain/claim.ts'
import { linesOf, type LineRow } from './offer.ts'

/**
 * Numbered seats that a batch gives back, or gives to those who wait, at the most, for each booking that may
 * end or be made so: each is a row. Most have fewer, and as many go at once as would without numbers.
 */
const LABELS_PER_BOOKING = 10

/** A booking, or an entry that waits to be one. */
interface Settled {
  readonly lines: readonly LineRow[] | null
}

/** The first of those that are settled in one batch: so many, or fewer, where they have many seats; one at least. */
export function pieceOf<R extends Settled>(rows: readonly R[], most: number): readonly R[] {
  let labels = 0
  const firstTooMany = rows.findIndex(({ lines }, i) => {
    labels += labelsIn(lines)
    return i > 0 && labels > most * LABELS_PER_BOOKING
  })
  return rows.slice(0, Math.min(most, firstTooMany < 0 ? rows.length : firstTooMany))
}

function labelsIn(lines: readonly LineRow[] | null): number {
  if (lines === null) return 0
  const numbered = (linesOf(lines) ?? []).filter(asksForSeats)
  return numbered.reduce((sum, { seats }) => sum + seats, 0)
}

/** How many bookings of as many seats each are such a piece, should all of their seats have numbers. */
export function pieceOfLike(seats: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor((most * LABELS_PER_BOOKING) / seats)))
}

/** What each of some events may take of a bound that all share. */
export function shareOf(bound: number, events: number): number {
  return Math.max(1, Math.floor(bound / events))
}
