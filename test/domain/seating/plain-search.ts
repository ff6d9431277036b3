import type { Hall } from './brute-force.ts'

/** The rule of docs/best-available.md, seat by seat: for halls that are too large for all sets of seats. */

interface Block {
  readonly start: number
  readonly rank: readonly number[]
}

/** The best seats; null where there are none. */
export function searchPlainly(hall: Hall, count: number, split: boolean): number[] | null {
  const [best] = blocksOf(hall, count).sort(byRank)
  if (best !== undefined) return seatsOf(best.start, count)
  return split ? inPieces(hall, count) : null
}

function inPieces(hall: Hall, count: number): number[] | null {
  for (let size = count - 1; size > 0; size -= 1) {
    const [first] = blocksOf(hall, size).sort((a, b) => a.start - b.start)
    if (first === undefined) continue
    const piece = seatsOf(first.start, size)
    const others = searchPlainly(without(hall, piece), count - size, true)
    return others && [...piece, ...others].sort((a, b) => a - b)
  }
  return null
}

/** All that are as long. */
function blocksOf(hall: Hall, count: number): Block[] {
  let firstSeat = 0
  return hall.flatMap((row, place) => {
    const first = firstSeat
    firstSeat += row.length
    if (count > row.length) return []
    return row.flatMap((_, at) => {
      const isFree = (seat: number) => row[seat] === true
      for (let seat = at; seat < at + count; seat += 1) if (!isFree(seat)) return []
      const isAlone = (seat: number, beyond: number) => isFree(seat) && !isFree(beyond)
      const leavesOrphan = isAlone(at - 1, at - 2) || isAlone(at + count, at + count + 1)
      const distance = Math.abs(2 * at + count - row.length)
      return { start: first + at, rank: [leavesOrphan ? 1 : 0, place, distance, at] }
    })
  })
}

function byRank(a: Block, b: Block): number {
  const i = a.rank.findIndex((number, place) => number !== b.rank[place])
  return i === -1 ? 0 : (a.rank[i] ?? 0) - (b.rank[i] ?? 0)
}

function seatsOf(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i)
}

function without(hall: Hall, seats: readonly number[]): Hall {
  const taken = new Set(seats)
  let seat = -1
  return hall.map((row) =>
    row.map((isFree) => {
      seat += 1
      return isFree && !taken.has(seat)
    }),
  )
}
