import type { BookingRow } from './rows.ts'

/**
 * Numbered seats that a batch gives back as bookings end, at the most, for each booking that may end in it:
 * each is a row. Most bookings have fewer, and end as many at once as they would without numbers.
 */
const LABELS_PER_BOOKING = 10

/** The first of the bookings that end in one batch: so many, or fewer, where they have many seats; one at least. */
export function pieceOf(rows: readonly BookingRow[], most: number): BookingRow[] {
  let labels = 0
  const firstTooMany = rows.findIndex(({ lines }, i) => {
    for (const line of lines ?? []) labels += line.labels?.length ?? 0
    return i > 0 && labels > most * LABELS_PER_BOOKING
  })
  return rows.slice(0, Math.min(most, firstTooMany < 0 ? rows.length : firstTooMany))
}
