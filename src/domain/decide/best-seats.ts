import type { Line } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { bestAvailable, countFree } from '../seating/best-available.ts'
import type { FreeSeats } from '../seating/free-seats.ts'
import type { Occupancy } from '../seating/occupancy.ts'
import { partiesIn, type Party } from './parties.ts'

/**
 * The lines with the best free seats for those that ask for them; refused where there are none.
 *
 * @param own - seats that count as free
 */
export function chooseBest(
  occupancy: Occupancy,
  lines: readonly Line[],
  own: readonly number[],
): readonly Line[] | Refused {
  const { seats: hall } = occupancy
  return hall.tryOut(() => {
    hall.giveBack(own)
    const chosen = takeNamed(occupancy, lines)
    for (const party of partiesIn(occupancy, lines)) {
      if (!seat(occupancy, party, chosen)) return refusalOf(hall, party)
    }
    return chosen
  })
}

/**
 * Likewise for who is not to be refused: who can't be side by side is apart, who is not seated with the other
 * lines of a party is on its own, and for whom there are no seats with numbers has some without.
 */
export function chooseBestThereIs(occupancy: Occupancy, lines: readonly Line[]): readonly Line[] {
  const { seats: hall } = occupancy
  return hall.tryOut(() => {
    const chosen = takeNamed(occupancy, lines)
    for (const asked of partiesIn(occupancy, lines)) {
      const party = { ...asked, split: true }
      if (seat(occupancy, party, chosen) || party.places.length === 1) continue
      for (const place of party.places) {
        const seats = lines[place]?.seats ?? 0
        seat(occupancy, { ...party, places: [place], seats }, chosen)
      }
    }
    return chosen
  })
}

/** The lines before they are seated, while what they name is taken. */
function takeNamed(occupancy: Occupancy, lines: readonly Line[]): Line[] {
  occupancy.seats.take(occupancy.numbersOf(lines.flatMap(({ labels = [] }) => labels)))
  return lines.map((line) => (line.bestAvailable === undefined ? line : withoutNumbers(line)))
}

/** The line as one whose seats have no numbers. */
export function withoutNumbers({ ticketType, seats, pools }: Line): Line {
  return { ticketType, seats, pools }
}

/** @returns whether there are such seats */
function seat({ seating, seats: hall }: Occupancy, party: Party, chosen: Line[]): boolean {
  const best = bestAvailable(hall, party.ranges, party.seats, party.split)
  if (best === null) return false
  hall.take(best)
  const labels = best.map((each) => seating.labelOf(each))
  shareOut(labels, party.places, chosen)
  return true
}

function refusalOf(hall: FreeSeats, { places, split, ranges }: Party): Refused {
  const [line = 0] = places
  // Where they may be apart, they are not there at all.
  const available = split ? { available: countFree(hall, ranges) } : {}
  return refuse('seats_not_together', undefined, { line, ...available })
}

/** Gives each line as many of the labels as it has seats, in order. */
function shareOut(labels: readonly string[], places: readonly number[], lines: Line[]): void {
  let from = 0
  for (const place of places) {
    const line = lines[place]
    if (line === undefined) continue
    lines[place] = { ...withoutNumbers(line), labels: labels.slice(from, from + line.seats) }
    from += line.seats
  }
}
