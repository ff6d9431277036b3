import type { SeatNames } from './seat-names.ts'

/** What counts of a row: where it begins, and how many seats it has. */
export interface SeatRow {
  readonly firstSeat: number
  readonly names: Pick<SeatNames, 'count'>
}

/** Free seats of a row, side by side, with none beside them. */
export interface Run {
  readonly start: number
  readonly length: number
}

/**
 * Those of a row, in order.
 *
 * @param taken - of each seat of the hall whether it is: 0, or another number
 */
export function* runsOf({ firstSeat, names }: SeatRow, taken: Uint8Array): Generator<Run, void> {
  const end = firstSeat + names.count
  let start = firstSeat
  for (let seat = firstSeat; seat <= end; seat += 1) {
    if (seat < end && taken[seat] === 0) continue
    if (seat > start) yield { start, length: seat - start }
    start = seat + 1
  }
}

/** The numbers of seats that follow each other. */
export function seatsFrom(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i)
}
