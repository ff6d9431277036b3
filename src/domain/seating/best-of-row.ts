import type { Run, SeatRow } from './runs.ts'

/** Seats of a row that could be given. */
interface Block {
  readonly start: number
  /** Whether a free seat would be left alone that has a free one beside it now. */
  readonly leavesOrphan: boolean
  /** Between the middles of the block and of its row, in halves of a seat. */
  readonly distance: number
}

/**
 * Where the best block of a row begins; undefined where so many seats are not free side by side.
 *
 * @param runs - all of the row
 */
export function bestOfRow(row: SeatRow, runs: Iterable<Run>, count: number): number | undefined {
  let best: Block | undefined
  for (const run of runs) {
    const block = bestOfRun(run, row, count)
    if (block !== undefined && (best === undefined || isBetter(block, best))) best = block
  }
  return best?.start
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
