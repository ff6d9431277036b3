import { asksForSeats } from '../claim.ts'
import type { Line } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { problemsOfLabels } from '../seating/claims.ts'
import type { Occupancy } from '../seating/occupancy.ts'
import type { Seating } from '../seating/seating.ts'
import type { EventState } from '../state.ts'
import { chooseBest, chooseBestThereIs, withoutNumbers } from './best-seats.ts'
import type { Ledger, Searcher } from './ledger.ts'
import type { Seats } from './lines.ts'
import { LATER } from './verdict.ts'

/** What is wrong with the labels and sections of lines, whoever has the seats, be there any with numbers. */
export function refusalOfLabels(
  seating: Seating | null,
  { lines }: Seats,
  before?: Seats,
): Refused | undefined {
  if (lines === null || !lines.some(asksForSeats)) return undefined
  if (seating === null) {
    const line = lines.findIndex(asksForSeats)
    return refuse('labels_invalid', undefined, { line, flaw: 'no_seating' })
  }
  const own = new Set(labelsIn(before))
  const asked = lines.map(({ pools, seats, labels }) => ({
    ticketType: { pools },
    seats,
    labels: labels ?? null,
  }))
  const [problem] = problemsOfLabels(seating, asked, own)
  if (problem !== undefined) return refuse('labels_invalid', undefined, problem)
  return refusalOfAskedSections(seating, lines)
}

function refusalOfAskedSections(
  { sections }: Seating,
  lines: readonly Line[],
): Refused | undefined {
  for (const [line, { bestAvailable, pools }] of lines.entries()) {
    const key = bestAvailable?.section ?? null
    if (key === null) continue
    const section = sections.find((each) => each.key === key)
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
  { occupancy }: EventState,
  wanted: Seats,
  before?: Seats,
): Seats | Refused | typeof LATER {
  const { lines, seats } = wanted
  if (lines === null || !lines.some(asksForSeats)) return wanted
  if (occupancy === null) return refusalOfNumbers(lines)
  const own = occupancy.numbersOf(labelsIn(before))
  const taken = refusalOfTaken(occupancy, lines, new Set(own))
  if (taken !== undefined) return taken
  const chosen = search(ledger, 'asking', occupancy, lines, () => chooseBest(occupancy, lines, own))
  return chosen === LATER || 'refusal' in chosen ? chosen : { seats, lines: chosen }
}

/** Where seats had numbers when they were asked for, and have none now: nobody can have these. */
function refusalOfNumbers(lines: readonly Line[]): Refused {
  const line = lines.findIndex(asksForSeats)
  return refuse('seats_taken', undefined, { line, labelsTaken: lines[line]?.labels ?? [] })
}

function refusalOfTaken(
  occupancy: Occupancy,
  lines: readonly Line[],
  own: ReadonlySet<number>,
): Refused | undefined {
  for (const [line, { labels = [] }] of lines.entries()) {
    const labelsTaken = takenOf(occupancy, labels, own)
    if (labelsTaken.length > 0) return refuse('seats_taken', undefined, { line, labelsTaken })
  }
  return undefined
}

/** A seat that was asked for before may not be there any more: nobody can have it. */
function takenOf(
  occupancy: Occupancy,
  labels: readonly string[],
  own: ReadonlySet<number>,
): readonly string[] {
  return labels.filter((label) => {
    const seat = occupancy.seating.seatAt(label)
    return seat === undefined || (!occupancy.isFree(seat) && !own.has(seat))
  })
}

/**
 * What somebody is given who has waited for lines: the best seats as they asked for them, or else apart.
 * A line for which there are none has seats without numbers: nobody is kept waiting for that, but until the next
 * batch (`LATER`) where this one may search, or give, no more.
 */
export function seatsForEntry(
  ledger: Ledger,
  { occupancy }: EventState,
  wanted: Seats,
): Seats | typeof LATER {
  const { lines, seats } = wanted
  if (lines === null || !lines.some(asksForSeats)) return wanted
  if (!ledger.mayGiveSeats()) return LATER
  if (occupancy === null) return { seats, lines: lines.map(withoutNumbers) }
  const there = lines.map((line) =>
    takenOf(occupancy, line.labels ?? [], NONE).length > 0 ? withoutNumbers(line) : line,
  )
  const chosen = search(ledger, 'served', occupancy, there, () =>
    chooseBestThereIs(occupancy, there),
  )
  return chosen === LATER ? LATER : { seats, lines: chosen }
}

const NONE: ReadonlySet<number> = new Set()

/** Has the best seats chosen for lines, where one of them asks for those, and counts what that has cost. */
function search<T>(
  ledger: Ledger,
  searcher: Searcher,
  { seats: hall }: Occupancy,
  lines: readonly Line[],
  choose: () => T,
): T | readonly Line[] | typeof LATER {
  if (!lines.some(({ bestAvailable }) => bestAvailable !== undefined)) return lines
  if (!ledger.maySearchFor(searcher)) return LATER
  const { looks } = hall
  const chosen = choose()
  ledger.searchedFor(searcher, hall.looks - looks)
  return chosen
}

/** All labels of what somebody has, or is given. */
export function labelsIn(booking: Seats | undefined): string[] {
  return (booking?.lines ?? []).flatMap(({ labels = [] }) => labels)
}
