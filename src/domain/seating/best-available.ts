import type { SeatNames } from './seat-names.ts'

/** The rule is in docs/best-available.md. */

/** What counts of a row: where it begins, and how many seats it has. */
interface SeatRow {
  readonly firstSeat: number
  readonly names: Pick<SeatNames, 'count'>
}

type IsFree = (seat: number) => boolean

/** Free seats of a row, side by side, with none beside them. */
interface Run {
  readonly start: number
  readonly length: number
}

/** Seats of a row that could be given. */
export interface Block {
  readonly start: number
  /** Whether a free seat would be left alone that has a free one beside it now. */
  readonly leavesOrphan: boolean
  /** Between the middles of the block and of its row, in halves of a seat. */
  readonly distance: number
}

interface BestOptions<R> {
  /** Whether the seats may be apart. */
  readonly split: boolean
  /** What `bestOfRow` says of a row, where that is known; by default it is asked. */
  readonly blockOf?: (row: R) => Block | undefined
}

/**
 * The best seats that are free, by their numbers, in order. It takes a time that goes with the number of
 * seats in these rows, or less.
 *
 * @param rows - in the order in which they are preferred
 * @param count - how many seats, 1 or more
 * @returns null where so many are not free, or not side by side and `split` is false
 */
export function bestAvailable<R extends SeatRow>(
  rows: readonly R[],
  isFree: IsFree,
  count: number,
  { split, blockOf = (row) => bestOfRow(row, isFree, count) }: BestOptions<R>,
): readonly number[] | null {
  const start = bestStart(rows, blockOf)
  if (start !== null) return seatsFrom(start, count)
  return split ? piecesOf(rows, isFree, count) : null
}

/** Where the best seats side by side begin; null where there are none. */
function bestStart<R>(rows: readonly R[], blockOf: (row: R) => Block | undefined): number | null {
  let withOrphan: number | null = null
  for (const row of rows) {
    const block = blockOf(row)
    if (block === undefined) continue
    if (!block.leavesOrphan) return block.start
    withOrphan ??= block.start
  }
  return withOrphan
}

/** The best block of a row; undefined where so many seats are not free side by side. */
export function bestOfRow(row: SeatRow, isFree: IsFree, count: number): Block | undefined {
  let best: Block | undefined
  for (const run of runsOf(row, isFree)) {
    const block = bestOfRun(run, row, count)
    if (block !== undefined && (best === undefined || isBetter(block, best))) best = block
  }
  return best
}

function bestOfRun(run: Run, row: SeatRow, count: number): Block | undefined {
  const rest = run.length - count
  let best: Block | undefined
  for (let before = 0; before <= rest; before += 1) {
    const start = run.start + before
    const leavesOrphan = before === 1 || rest - before === 1
    const distance = Math.abs(2 * (start - row.firstSeat) + count - row.names.count)
    const block = { start, leavesOrphan, distance }
    if (best === undefined || isBetter(block, best)) best = block
  }
  return best
}

/** Of two that are as good the first one is taken. */
function isBetter(block: Block, than: Block): boolean {
  if (block.leavesOrphan !== than.leavesOrphan) return !block.leavesOrphan
  return block.distance < than.distance
}

/** Seats in as few pieces as can be, where no row has so many side by side. */
function piecesOf(
  rows: readonly SeatRow[],
  isFree: IsFree,
  count: number,
): readonly number[] | null {
  const taken = new Set<number>()
  let left = count
  for (const run of longestFirst(rows, isFree, count)) {
    if (run.length >= left) {
      const isLeft = (seat: number) => isFree(seat) && !taken.has(seat)
      const rest = left
      const start = bestStart(rows, (row) => bestOfRow(row, isLeft, rest))
      if (start === null) return null
      return [...taken, ...seatsFrom(start, left)].sort((a, b) => a - b)
    }
    for (const seat of seatsFrom(run.start, run.length)) taken.add(seat)
    left -= run.length
  }
  return null
}

/** All runs, of which those of one length are in order. */
function* longestFirst(
  rows: readonly SeatRow[],
  isFree: IsFree,
  limit: number,
): Generator<Run, void> {
  const byLength: Run[][] = Array.from({ length: limit }, () => [])
  for (const row of rows) {
    for (const run of runsOf(row, isFree)) byLength[run.length]?.push(run)
  }
  for (const runs of byLength.reverse()) yield* runs
}

function* runsOf({ firstSeat, names }: SeatRow, isFree: IsFree): Generator<Run, void> {
  const end = firstSeat + names.count
  let start = firstSeat
  for (let seat = firstSeat; seat <= end; seat += 1) {
    if (seat < end && isFree(seat)) continue
    if (seat > start) yield { start, length: seat - start }
    start = seat + 1
  }
}

function seatsFrom(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i)
}
