/** The slow and obvious way to the best seats: all sets of seats are looked at. */

/** Rows of seats, each of which is free or not. */
export type Hall = readonly (readonly boolean[])[]

interface Place {
  readonly row: number
  readonly at: number
}

/** Numbers of seats count through the rows. */
function placesOf(hall: Hall): Place[] {
  return hall.flatMap((seats, row) => seats.map((_, at) => ({ row, at })))
}

/** The hall once these seats are taken. */
function without(hall: Hall, seats: readonly number[]): Hall {
  let next = 0
  return hall.map((row) =>
    row.map((isFree) => {
      const seat = next
      next += 1
      return isFree && !seats.includes(seat)
    }),
  )
}

/** Free seats that have no free one beside them. */
function orphansOf(hall: Hall): number[] {
  return placesOf(hall).flatMap(({ row, at }, seat) => {
    const isFree = (place: number) => hall[row]?.[place] === true
    return isFree(at) && !isFree(at - 1) && !isFree(at + 1) ? [seat] : []
  })
}

/** All sets of free seats that are so many. */
export function setsOf(hall: Hall, count: number): number[][] {
  const free = placesOf(hall).flatMap(({ row, at }, seat) => (hall[row]?.[at] ? [seat] : []))
  return chosenFrom(free, count)
}

function chosenFrom(seats: readonly number[], count: number): number[][] {
  const [first, ...others] = seats
  if (count === 0) return [[]]
  if (first === undefined) return []
  const withFirst = chosenFrom(others, count - 1).map((chosen) => [first, ...chosen])
  return [...withFirst, ...chosenFrom(others, count)]
}

/** In how many pieces these seats are. */
export function piecesOf(hall: Hall, seats: readonly number[]): number {
  const places = placesOf(hall)
  return seats.filter((seat) => {
    const isInRow = places[seat]?.row === places[seat - 1]?.row
    return !isInRow || !seats.includes(seat - 1)
  }).length
}

/** Whether somebody could no longer sit beside anybody in a seat where he could. */
export function leavesOrphan(hall: Hall, seats: readonly number[]): boolean {
  const before = orphansOf(hall)
  return orphansOf(without(hall, seats)).some((seat) => !before.includes(seat))
}

/** What the rule says of seats side by side: the least ones are the best. */
function rankOf(hall: Hall, seats: readonly number[]): number[] {
  const places = placesOf(hall).filter((_, seat) => seats.includes(seat))
  const row = places[0]?.row ?? 0
  const middleOfRow = ((hall[row]?.length ?? 0) - 1) / 2
  const middle = places.reduce((sum, { at }) => sum + at, 0) / seats.length
  return [leavesOrphan(hall, seats) ? 1 : 0, row, Math.abs(middle - middleOfRow), seats[0] ?? 0]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((number, place) => number !== b[place])
  return i === -1 ? 0 : (a[i] ?? 0) - (b[i] ?? 0)
}

/** All sets of so many free seats side by side, in order. */
export function setsTogether(hall: Hall, count: number): number[][] {
  return setsOf(hall, count).filter((seats) => piecesOf(hall, seats) === 1)
}

/** The best of all sets in one piece; undefined where there is none. */
export function bestTogether(hall: Hall, count: number): number[] | undefined {
  return setsTogether(hall, count)
    .map((seats) => ({ seats, rank: rankOf(hall, seats) }))
    .sort((a, b) => compare(a.rank, b.rank))[0]?.seats
}

/** The best seats, in pieces if need be; undefined where too few are free. */
export function bestApart(hall: Hall, count: number): number[] | undefined {
  const together = bestTogether(hall, count)
  if (together !== undefined) return together
  for (let size = count - 1; size > 0; size -= 1) {
    const longest = setsTogether(hall, size)[0]
    if (longest === undefined) continue
    const others = bestApart(without(hall, longest), count - size)
    return others === undefined ? undefined : [...longest, ...others].sort((a, b) => a - b)
  }
  return undefined
}
