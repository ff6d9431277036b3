import type { Seating } from './seating.ts'

/** As many labels are told at the most. */
export const MAX_LABELS_TOLD = 100

/** Seats that somebody has, and that would not be there any more. */
export interface RemovedSeats {
  readonly count: number
  /** The first of their labels, in the order of the seating before. */
  readonly labels: readonly string[]
}

/**
 * What keeps a seating from being replaced by another one: null if nothing does. Seats may move, and their
 * sections change pools: whoever has one keeps what was taken at the time. Only a seat that is taken has
 * to stay.
 *
 * @param after - null where none replaces it
 * @param isTaken - whether somebody has the seat with this label
 */
export function replacementProblems(
  before: Seating,
  after: Seating | null,
  isTaken: (label: string) => boolean,
): RemovedSeats | null {
  const labels: string[] = []
  let count = 0
  for (const label of before.labels()) {
    if (!isTaken(label) || after?.seatAt(label) !== undefined) continue
    count += 1
    if (labels.length < MAX_LABELS_TOLD) labels.push(label)
  }
  return count === 0 ? null : { count, labels }
}
