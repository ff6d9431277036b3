import { bestOf, poolOf, rowsFor, type HallRow } from './hall.ts'
import { type ModelRefused, refused } from './outcomes.ts'
import type { ModelEvent, ModelLine } from './types.ts'

/** Labels that somebody has, or that are blocked. */
export function takenLabels({ bookings, blocked }: ModelEvent): string[] {
  return [...bookings.flatMap(({ lines }) => labelsIn(lines)), ...blocked.map(({ label }) => label)]
}

export function labelsIn(lines: readonly ModelLine[]): string[] {
  return lines.flatMap(({ labels = [] }) => labels)
}

export function asksForSeats({ labels, best }: Pick<ModelLine, 'labels' | 'best'>): boolean {
  return labels !== undefined || best !== undefined
}

/** The lines with the seats that they are to have. @param own - labels that count as free */
export function chooseSeats(
  event: ModelEvent,
  lines: readonly ModelLine[],
  own: readonly string[] = [],
): readonly ModelLine[] | ModelRefused {
  const asking = lines.findIndex(asksForSeats)
  if (event.seating === null && asking !== -1) {
    const labelsTaken = lines[asking]?.labels ?? []
    return refused('seats_taken', undefined, { line: asking, labelsTaken })
  }
  const others = takenLabels(event).filter((label) => !own.includes(label))
  for (const [line, { labels = [] }] of lines.entries()) {
    const isGone = (label: string): boolean => poolOf(event, label) === undefined
    const labelsTaken = labels.filter((label) => others.includes(label) || isGone(label))
    if (labelsTaken.length > 0) return refused('seats_taken', undefined, { line, labelsTaken })
  }
  const gone = [...others, ...labelsIn(lines)]
  const chosen = [...lines]
  for (const { rows, split, places } of partiesOf(event, lines)) {
    const given = bestOf(rows, gone, seatsOf(lines, places), split)
    if (given === undefined) {
      const free = rows.flatMap(({ labels }) => labels).filter((label) => !gone.includes(label))
      const available = split ? { available: free.length } : {}
      return refused('seats_not_together', undefined, { line: places[0] ?? 0, ...available })
    }
    gone.push(...given)
    giveOut(given, places, chosen)
  }
  return chosen
}

function giveOut(labels: readonly string[], places: readonly number[], lines: ModelLine[]): void {
  const left = [...labels]
  for (const place of places) {
    const line = lines[place]
    if (line === undefined) continue
    const { type, seats, pools } = line
    lines[place] = { type, seats, pools, labels: left.splice(0, seats) }
  }
}

/** Lines that are seated together, by their places. */
interface ModelParty {
  readonly rows: readonly HallRow[]
  readonly split: boolean
  readonly places: number[]
}

/** Those first that may sit in fewer sections, and then those not to be apart. */
function partiesOf(event: ModelEvent, lines: readonly ModelLine[]): ModelParty[] {
  const parties: ModelParty[] = []
  for (const [place, { best, pools }] of lines.entries()) {
    if (best === undefined) continue
    const rows = rowsFor(event, best.section, pools)
    const party = parties.find(
      (other) => other.split === best.split && isSameRows(other.rows, rows),
    )
    if (party === undefined) parties.push({ rows, split: best.split, places: [place] })
    else party.places.push(place)
  }
  return parties.sort(
    (a, b) => sectionsIn(a.rows) - sectionsIn(b.rows) || Number(a.split) - Number(b.split),
  )
}

function sectionsIn(rows: readonly HallRow[]): number {
  return new Set(rows.map(({ section }) => section)).size
}

function seatsOf(lines: readonly ModelLine[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + (lines[place]?.seats ?? 0), 0)
}

function isSameRows(a: readonly HallRow[], b: readonly HallRow[]): boolean {
  return a.flatMap(({ labels }) => labels).join() === b.flatMap(({ labels }) => labels).join()
}

/**
 * What somebody gets who has waited: each party as was asked for, or else apart, or else each of its lines
 * on its own; what there is not goes without numbers.
 */
export function seatsAfterWait(
  event: ModelEvent,
  lines: readonly ModelLine[],
): readonly ModelLine[] {
  const chosen = lines.map(({ type, seats, pools }): ModelLine => ({ type, seats, pools }))
  const gone = takenLabels(event)
  const seatIfCanBe = (rows: readonly HallRow[], places: readonly number[]): boolean => {
    const seats = seatsOf(lines, places)
    const given = bestOf(rows, gone, seats, true)
    gone.push(...(given ?? []))
    if (given !== undefined) giveOut(given, places, chosen)
    return given !== undefined
  }
  for (const { rows, places } of partiesOf(event, lines)) {
    if (!seatIfCanBe(rows, places)) for (const place of places) seatIfCanBe(rows, [place])
  }
  return chosen
}
