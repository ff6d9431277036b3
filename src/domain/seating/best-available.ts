import { bestOfRow } from './best-of-row.ts'
import type { FreeSeats } from './free-seats.ts'
import type { RunSummaries } from './run-summaries.ts'
import { seatsFrom, type Run } from './runs.ts'

/** The rule is in docs/best-available.md. */

/** Rows that follow each other, by their places: the second one is behind the last. */
export type RowRange = readonly [from: number, to: number]

/**
 * The best seats that are free, by their numbers, in order.
 *
 * @param ranges - the rows that come into question, in the order in which they are preferred
 * @param count - how many seats, 1 or more
 * @param split - whether the seats may be apart
 * @returns null where so many are not free, or not side by side and `split` is false
 */
export function bestAvailable(
  hall: FreeSeats,
  ranges: readonly RowRange[],
  count: number,
  split: boolean,
): readonly number[] | null {
  const together = bestTogether(hall, ranges, count)
  if (together !== null || !split) return together
  return hall.tryOut(() => inPieces(hall, ranges, count))
}

/** How many seats of these rows are free. */
export function countFree({ summaries }: FreeSeats, ranges: readonly RowRange[]): number {
  let free = 0
  const isToBeLookedInto = (first: number) => {
    free += summaries.freeFrom(first)
    return false
  }
  for (const place of placesIn(summaries, ranges, isToBeLookedInto)) free += summaries.freeIn(place)
  return free
}

function bestTogether(
  hall: FreeSeats,
  ranges: readonly RowRange[],
  count: number,
): number[] | null {
  const place = bestRow(hall.summaries, ranges, count)
  if (place === null) return null
  const start = bestOfRow(hall.rowAt(place), hall.runsIn(place), count)
  return start === undefined ? null : seatsFrom(start, count)
}

/** The first row with a block that leaves no seat alone; or else the first that has one; or null. */
function bestRow(rows: RunSummaries, ranges: readonly RowRange[], count: number): number | null {
  let withOrphan: number | null = null
  const isWorthALook = (place: number) => {
    const longest = rows.longestFrom(place)
    if (withOrphan === null || longest !== count + 1) return longest >= count
    return rows.nextLongestFrom(place) === count
  }
  for (const place of placesIn(rows, ranges, isWorthALook)) {
    const longest = rows.longestIn(place)
    if (longest < count) continue
    // Only a group with exactly one seat more is such that each of its blocks leaves one alone.
    if (longest !== count + 1 || rows.nextLongestIn(place) === count) return place
    withOrphan ??= place
  }
  return withOrphan
}

/** Seats in as few pieces as can be, where no row has so many side by side. */
function inPieces(
  hall: FreeSeats,
  ranges: readonly RowRange[],
  count: number,
): readonly number[] | null {
  if (countFree(hall, ranges) < count) return null
  const taken: number[] = []
  for (const run of longestFirst(hall, ranges)) {
    const left = count - taken.length
    if (run.length >= left) {
      const rest = bestTogether(hall, ranges, left)
      return rest && [...taken, ...rest].sort((a, b) => a - b)
    }
    const seats = seatsFrom(run.start, run.length)
    hall.take(seats)
    taken.push(...seats)
  }
  return null
}

/** Runs, each of which is to be taken before the next one is asked for; of those of one length the first. */
function* longestFirst(hall: FreeSeats, ranges: readonly RowRange[]): Generator<Run, void> {
  const { summaries } = hall
  for (
    let length = longestIn(summaries, ranges);
    length > 0;
    length = longestIn(summaries, ranges)
  ) {
    for (const place of placesIn(
      summaries,
      ranges,
      (first) => summaries.longestFrom(first) >= length,
    )) {
      if (summaries.longestIn(place) < length) continue
      // What is taken meanwhile are whole runs of this row: the others are as they were.
      for (const run of hall.runsIn(place)) {
        if (run.length === length) yield run
      }
    }
  }
}

function longestIn(rows: RunSummaries, ranges: readonly RowRange[]): number {
  let longest = 0
  for (const place of placesIn(rows, ranges, (first) => rows.longestFrom(first) > longest)) {
    longest = Math.max(longest, rows.longestIn(place))
  }
  return longest
}

/** The places of rows, without whole stretches that are not worth a look. */
function* placesIn(
  rows: RunSummaries,
  ranges: readonly RowRange[],
  isWorthALook: (place: number) => boolean,
): Generator<number, void> {
  for (const [from, to] of ranges) {
    for (let place = from; place < to; place += 1) {
      const end = rows.endOfStretch(place)
      if (end !== undefined && end <= to && !isWorthALook(place)) place = end - 1
      else yield place
    }
  }
}
