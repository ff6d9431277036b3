import { bestApart, bestTogether } from '../../domain/seating/brute-force.ts'
import { type ModelRefused, refused } from './outcomes.ts'
import type { ModelEvent, ModelLine } from './types.ts'

// Numbered seats: the best ones by the slow way of looking at all sets of seats.

interface HallRow {
  readonly section: string
  readonly pool: string | null
  readonly labels: readonly string[]
}

export function rowsOf({ seating }: Pick<ModelEvent, 'seating'>): HallRow[] {
  return (seating?.sections ?? []).flatMap(({ key: section, pool, rows }) =>
    rows.map(({ key, seats }) => {
      const names =
        'from' in seats
          ? Array.from({ length: seats.to - seats.from + 1 }, (_, i) => String(seats.from + i))
          : seats
      return { section, pool, labels: names.map((name) => `${section}-${key}-${name}`) }
    }),
  )
}

/** The pool of a label's section; undefined where there is no such seat. */
export function poolOf(
  event: Pick<ModelEvent, 'seating'>,
  label: string,
): string | null | undefined {
  return rowsOf(event).find(({ labels }) => labels.includes(label))?.pool
}

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
  let chosen = lines
  for (const line of inOrder(event, lines)) {
    const { best, pools } = lines[line] ?? {}
    if (best === undefined || pools === undefined || chosen[line]?.labels !== undefined) continue
    const rows = rowsFor(event, best.section, pools)
    const isOfParty = (other: ModelLine): boolean =>
      other.best?.split === best.split &&
      isSameRows(rows, rowsFor(event, other.best.section, other.pools))
    const given = bestOf(rows, gone, seatsOf(lines.filter(isOfParty)), best.split)
    if (given === undefined) {
      const free = rows.flatMap(({ labels }) => labels).filter((label) => !gone.includes(label))
      const available = best.split ? { available: free.length } : {}
      return refused('seats_not_together', undefined, { line, ...available })
    }
    gone.push(...given)
    const left = [...given]
    chosen = chosen.map((each, place) => {
      const asked = lines[place] ?? each
      if (!isOfParty(asked)) return each
      const { type, seats } = asked
      return { type, seats, pools: asked.pools, labels: left.splice(0, seats) }
    })
  }
  return chosen
}

/** The places of lines, those first that may sit in fewer sections, and then those not to be apart. */
function inOrder(event: ModelEvent, lines: readonly ModelLine[]): number[] {
  const sectionsOf = ({ best, pools }: ModelLine): number =>
    new Set(rowsFor(event, best?.section ?? null, pools).map(({ section }) => section)).size
  return lines
    .map((line, place) => ({ place, sections: sectionsOf(line), split: line.best?.split === true }))
    .sort((a, b) => a.sections - b.sections || Number(a.split) - Number(b.split))
    .map(({ place }) => place)
}

function seatsOf(lines: readonly ModelLine[]): number {
  return lines.reduce((sum, { seats }) => sum + seats, 0)
}

function rowsFor(event: ModelEvent, section: string | null, pools: readonly string[]): HallRow[] {
  return rowsOf(event).filter(
    (row) =>
      (section === null || row.section === section) &&
      (row.pool === null || pools.includes(row.pool)),
  )
}

function isSameRows(a: readonly HallRow[], b: readonly HallRow[]): boolean {
  return a.flatMap(({ labels }) => labels).join() === b.flatMap(({ labels }) => labels).join()
}

function bestOf(
  rows: readonly HallRow[],
  gone: readonly string[],
  count: number,
  split: boolean,
): string[] | undefined {
  const hall = rows.map(({ labels }) => labels.map((label) => !gone.includes(label)))
  const best = split ? bestApart(hall, count) : bestTogether(hall, count)
  const all = rows.flatMap(({ labels }) => labels)
  return best?.map((seat) => all[seat] ?? '')
}

/** What somebody gets who has waited: as was asked for, or else apart, or else without numbers. */
export function seatsAfterWait(
  event: ModelEvent,
  lines: readonly ModelLine[],
): readonly ModelLine[] {
  if (!lines.some(asksForSeats)) return lines
  const apart = lines.map((line) =>
    line.best === undefined ? line : { ...line, best: { ...line.best, split: true } },
  )
  for (const wish of event.seating === null ? [] : [lines, apart]) {
    const chosen = chooseSeats(event, wish)
    if (!('refused' in chosen)) return chosen
  }
  return lines.map(({ type, seats, pools }) => ({ type, seats, pools }))
}
