import type { Line } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { bestAvailable, type RowRange } from '../seating/best-available.ts'
import type { FreeSeats } from '../seating/free-seats.ts'
import type { Occupancy } from '../seating/occupancy.ts'
import type { Seating, Section } from '../seating/seating.ts'

/** Lines that ask for the best seats of the same rows, and are seated together. */
interface Party {
  readonly sections: number
  readonly ranges: readonly RowRange[]
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
  own: readonly number[],
): readonly Line[] | Refused {
  if (!lines.some(({ bestAvailable }) => bestAvailable !== undefined)) return lines
  const { seats } = occupancy
  return seats.tryOut(() => {
    seats.giveBack(own)
    seats.take(occupancy.numbersOf(lines.flatMap(({ labels = [] }) => labels)))
    return seatParties(occupancy, lines)
  })
}

function seatParties(
  { seating, seats: hall }: Occupancy,
  lines: readonly Line[],
): readonly Line[] | Refused {
  const chosen = [...lines]
  for (const { ranges, split, places, seats } of partiesIn(seating, lines)) {
    const best = bestAvailable(hall, ranges, seats, split)
    if (best === null) {
      const [line = 0] = places
      // Where they may be apart, they are not there at all.
      const available = split ? { available: countFree(hall, ranges) } : {}
      return refuse('seats_not_together', undefined, { line, ...available })
    }
    hall.take(best)
    shareOut(
      best.map((seat) => seating.labelOf(seat)),
      places,
      chosen,
    )
  }
  return chosen
}

function countFree({ summaries }: FreeSeats, ranges: readonly RowRange[]): number {
  let free = 0
  for (const [from, to] of ranges) {
    for (let place = from; place < to; place += 1) free += summaries.freeIn(place)
  }
  return free
}

function partiesIn(seating: Seating, lines: readonly Line[]): Iterable<Party> {
  const parties = new Map<string, Party>()
  for (const [place, { bestAvailable: asked, pools, seats }] of lines.entries()) {
    if (asked === undefined) continue
    const { section, split } = asked
    const own = new Set(pools)
    const sections = seating.sections.filter(
      ({ key, pool }) => (section === null || key === section) && (pool === null || own.has(pool)),
    )
    const ranges = rangesOf(sections)
    const party = JSON.stringify([split, ranges])
    const known = parties.get(party) ?? {
      ...{ sections: sections.length, ranges, split },
      ...{ places: [], seats: 0 },
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

/** Sections that follow each other are one range. */
function rangesOf(sections: readonly Section[]): RowRange[] {
  const ranges: [from: number, to: number][] = []
  for (const { rows } of sections) {
    const [first] = rows
    if (first === undefined) continue
    const last = ranges.at(-1)
    if (last?.[1] === first.place) last[1] += rows.length
    else ranges.push([first.place, first.place + rows.length])
  }
  return ranges
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
