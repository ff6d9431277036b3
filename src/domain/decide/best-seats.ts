import type { Line } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import type { Occupancy } from '../seating/occupancy.ts'
import type { Row } from '../seating/seating.ts'

/** Lines that ask for the best seats of the same rows, and are seated together. */
interface Party {
  readonly sections: number
  readonly rows: readonly Row[]
  readonly split: boolean
  /** Their places among the lines. */
  readonly places: number[]
  seats: number
}

/**
 * The lines with the best free seats for those that ask for them; refused where there are none. Who may sit
 * in fewer sections is seated first, and of those who may sit in as many, who is not to be split up.
 *
 * @param own - seats that count as free
 */
export function chooseBest(
  occupancy: Occupancy,
  lines: readonly Line[],
  own: ReadonlySet<number>,
): readonly Line[] | Refused {
  const named = lines.flatMap(({ labels = [] }) => labels)
  const given = new Set(seatsOf(occupancy, named))
  const chosen = [...lines]
  const isFree = (seat: number) => (occupancy.isFree(seat) || own.has(seat)) && !given.has(seat)
  for (const { rows, split, places, seats } of partiesIn(occupancy, lines)) {
    const best = occupancy.best(rows, seats, { split, own, given })
    if (best === null) {
      const [line = 0] = places
      // Where they may be apart, they are not there at all.
      const available = split ? { available: countFree(rows, isFree) } : {}
      return refuse('seats_not_together', undefined, { line, ...available })
    }
    for (const seat of best) given.add(seat)
    shareOut(
      best.map((seat) => occupancy.seating.labelOf(seat)),
      places,
      chosen,
    )
  }
  return chosen
}

function countFree(rows: readonly Row[], isFree: (seat: number) => boolean): number {
  let free = 0
  for (const { firstSeat, names } of rows) {
    for (let place = 0; place < names.count; place += 1) if (isFree(firstSeat + place)) free += 1
  }
  return free
}

function partiesIn(occupancy: Occupancy, lines: readonly Line[]): Iterable<Party> {
  const parties = new Map<string, Party>()
  for (const [place, { bestAvailable, pools, seats }] of lines.entries()) {
    if (bestAvailable === undefined) continue
    const { section, split } = bestAvailable
    const sections = occupancy.seating.sections.filter(
      ({ key, pool }) =>
        (section === null || key === section) && (pool === null || pools.includes(pool)),
    )
    const party = JSON.stringify([split, ...sections.map(({ key }) => key)])
    const known = parties.get(party) ?? {
      sections: sections.length,
      rows: sections.flatMap(({ rows }) => rows),
      split,
      places: [],
      seats: 0,
    }
    known.places.push(place)
    known.seats += seats
    parties.set(party, known)
  }
  // Who has fewer seats to choose from must not find them given to others.
  return [...parties.values()].sort(
    (a, b) => a.sections - b.sections || Number(a.split) - Number(b.split),
  )
}

/** Gives each line as many of the labels as it has seats, in order. */
function shareOut(labels: readonly string[], places: readonly number[], lines: Line[]): void {
  let from = 0
  for (const place of places) {
    const line = lines[place]
    if (line === undefined) continue
    const { ticketType, seats, pools } = line
    lines[place] = { ticketType, seats, pools, labels: labels.slice(from, from + seats) }
    from += seats
  }
}

/** The numbers of seats, without labels that are of none. */
export function seatsOf({ seating }: Occupancy, labels: readonly string[]): Set<number> {
  return new Set(labels.flatMap((label) => seating.seatAt(label) ?? []))
}
