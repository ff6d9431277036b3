import { asksForSeats } from '../claim.ts'
import type { Line } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { problemsOfLabels } from '../seating/claims.ts'
import type { Occupancy } from '../seating/occupancy.ts'
import type { EventState } from '../state.ts'
import { chooseBest } from './best-seats.ts'
import type { Ledger, Searcher } from './ledger.ts'
import type { Seats } from './lines.ts'
import { LATER } from './verdict.ts'

/** What is wrong with the labels and sections of lines, whoever has the seats. */
export function refusalOfLabels(
  { occupancy }: EventState,
  { lines }: Seats,
  before?: Seats,
): Refused | undefined {
  if (lines === null || !lines.some(asksForSeats)) return undefined
  if (occupancy === null) {
    const line = lines.findIndex(asksForSeats)
    return refuse('labels_invalid', undefined, { line, flaw: 'no_seating' })
  }
  const own = new Set(labelsIn(before))
  const asked = lines.map(({ pools, seats, labels }) => ({
    ticketType: { pools },
    seats,
    labels: labels ?? null,
  }))
  const [problem] = problemsOfLabels(occupancy.seating, asked, own)
  if (problem !== undefined) return refuse('labels_invalid', undefined, problem)
  return refusalOfAskedSections(occupancy, lines)
}

function refusalOfAskedSections(
  { seating }: Occupancy,
  lines: readonly Line[],
): Refused | undefined {
  for (const [line, { bestAvailable, pools }] of lines.entries()) {
    const key = bestAvailable?.section ?? null
    if (key === null) continue
    const section = seating.sections.find((each) => each.key === key)
    if (section === undefined) return refuse('unknown_section', undefined, { line, key })
    if (section.pool !== null && !pools.includes(section.pool)) {
      return refuse('unknown_section', undefined, { line, key, pool: section.pool })
    }
  }
  return undefined
}

/**
 * The lines with the seats that they are to be: those that they name, and the best that are free; or `LATER`,
 * where the batch may search no more.
 *
 * @param before - what the booking has, whose seats count as free
 */
export function chooseSeats(
  ledger: Ledger,
  event: EventState,
  wanted: Seats,
  before?: Seats,
): Seats | Refused | typeof LATER {
  if (asksForBest(wanted) && !ledger.maySearchFor('asking')) return LATER
  return choose(ledger, 'asking', event, wanted, before)
}

function choose(
  ledger: Ledger,
  searcher: Searcher,
  { occupancy }: EventState,
  wanted: Seats,
  before?: Seats,
): Seats | Refused {
  const { lines, seats } = wanted
  if (lines === null || !lines.some(asksForSeats)) return wanted
  if (occupancy === null) return refusalOfNumbers(lines)
  const own = occupancy.numbersOf(labelsIn(before))
  const taken = refusalOfTaken(occupancy, lines, new Set(own))
  if (taken !== undefined) return taken
  const { looks } = occupancy.seats
  const chosen = chooseBest(occupancy, lines, own)
  ledger.searchedFor(searcher, occupancy.seats.looks - looks)
  return 'refusal' in chosen ? chosen : { seats, lines: chosen }
}

/** Where seats had numbers when they were asked for, and have none now: nobody can have these. */
function refusalOfNumbers(lines: readonly Line[]): Refused {
  const line = lines.findIndex(asksForSeats)
  return refuse('seats_taken', undefined, { line, labelsTaken: lines[line]?.labels ?? [] })
}

/** A seat that was asked for before may not be there any more: nobody can have it. */
function refusalOfTaken(
  occupancy: Occupancy,
  lines: readonly Line[],
  own: ReadonlySet<number>,
): Refused | undefined {
  for (const [line, { labels = [] }] of lines.entries()) {
    const labelsTaken = labels.filter((label) => {
      const seat = occupancy.seating.seatAt(label)
      return seat === undefined || (!occupancy.isFree(seat) && !own.has(seat))
    })
    if (labelsTaken.length > 0) return refuse('seats_taken', undefined, { line, labelsTaken })
  }
  return undefined
}

/**
 * What somebody is given who has waited for lines: the best seats as they asked for them, or else apart.
 * Where none can be chosen they have seats without numbers: nobody is kept waiting for that, but until the next
 * batch (`LATER`) where this one may search, or give, no more.
 */
export function seatsForEntry(
  ledger: Ledger,
  event: EventState,
  wanted: Seats,
): Seats | typeof LATER {
  const { lines } = wanted
  if (lines === null || !lines.some(asksForSeats)) return wanted
  if (!ledger.mayGiveSeats() || (asksForBest(wanted) && !ledger.maySearchFor('served')))
    return LATER
  const asked = choose(ledger, 'served', event, wanted)
  if (!('refusal' in asked)) return asked
  const apart = choose(ledger, 'served', event, { ...wanted, lines: lines.map(splitUp) })
  if (!('refusal' in apart)) return apart
  return { ...wanted, lines: lines.map(withoutSeats) }
}

function asksForBest({ lines }: Seats): boolean {
  return lines?.some(({ bestAvailable }) => bestAvailable !== undefined) ?? false
}

function splitUp(line: Line): Line {
  const { bestAvailable } = line
  return bestAvailable === undefined
    ? line
    : { ...line, bestAvailable: { ...bestAvailable, split: true } }
}

function withoutSeats({ ticketType, seats, pools }: Line): Line {
  return { ticketType, seats, pools }
}

/** All labels of what somebody has, or is given. */
export function labelsIn(booking: Seats | undefined): string[] {
  return (booking?.lines ?? []).flatMap(({ labels = [] }) => labels)
}
