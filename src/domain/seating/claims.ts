import type { Seating } from './seating.ts'

/** What a line needs to know of its ticket type. */
interface DrawsFrom {
  /** Keys of pools. */
  readonly pools: readonly string[]
}

/** A line, for what can be wrong with its labels. */
export interface LabelledLine {
  readonly ticketType: DrawsFrom
  readonly seats: number
  /** Those of the seats that are asked for; null where it is not for the caller to say. */
  readonly labels: readonly string[] | null
}

/** What can be wrong with the labels of a line, whoever has the seats. */
export type LineFlaw =
  /** The event's seats have no numbers. */
  | 'no_seating'
  /** They are not as many as the line has seats. */
  | 'label_count'
  /** There are no such seats. */
  | 'labels_unknown'
  /** They stand before, in this line or an earlier one. */
  | 'labels_repeated'
  /** Their sections have pools that the ticket type does not draw from. */
  | 'labels_of_other_pools'

export interface LineProblem {
  /** From 0 on. */
  readonly line: number
  readonly flaw: LineFlaw
  /** Those that are wrong; none where it is their number. */
  readonly labels: readonly string[]
}

/**
 * All that is wrong with the labels of one request's lines.
 *
 * @param own - labels of seats that may be kept, also where their sections are other pools' by now
 */
export function problemsOfLabels(
  seating: Seating,
  lines: readonly LabelledLine[],
  own: ReadonlySet<string> = new Set(),
): LineProblem[] {
  const named = new Set<number>()
  const problems: LineProblem[] = []
  for (const [line, { ticketType, seats, labels }] of lines.entries()) {
    if (labels === null) continue
    if (labels.length !== seats) problems.push({ line, flaw: 'label_count', labels: [] })
    const flaws = flawsOf(seating, labels, ticketType, named, own)
    for (const [flaw, labels] of flaws) problems.push({ line, flaw, labels })
  }
  return problems
}

/** @param named - the seats that were named before; those of these labels are added */
function flawsOf(
  seating: Seating,
  labels: readonly string[],
  ticketType: DrawsFrom,
  named: Set<number>,
  own: ReadonlySet<string>,
): ReadonlyMap<LineFlaw, string[]> {
  const flaws = new Map<LineFlaw, string[]>()
  for (const label of labels) {
    const seat = seating.seatAt(label)
    const flaw = flawOf(seating, seat, own.has(label) ? null : ticketType, named)
    if (flaw !== undefined) {
      const told = flaws.get(flaw) ?? []
      flaws.set(flaw, told)
      told.push(label)
    }
    if (seat !== undefined) named.add(seat)
  }
  return flaws
}

function flawOf(
  seating: Seating,
  seat: number | undefined,
  drawsFrom: DrawsFrom | null,
  named: ReadonlySet<number>,
): LineFlaw | undefined {
  if (seat === undefined) return 'labels_unknown'
  if (named.has(seat)) return 'labels_repeated'
  const { pool } = seating.sectionOf(seat)
  if (drawsFrom === null || pool === null) return undefined
  return drawsFrom.pools.includes(pool) ? undefined : 'labels_of_other_pools'
}
