import type { Seating } from './seating.ts'

/** What a line needs to know of its ticket type. */
interface DrawsFrom {
  /** Keys of pools. */
  readonly pools: readonly string[]
}

/** A part of a booking that is asked for. */
export interface AskedLine {
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

/** What came of the labels of all lines. */
export type ResolvedLines =
  /** The numbers of each line's seats, as it names them; null for a line without labels. */
  | { readonly kind: 'seats'; readonly seats: readonly (readonly number[] | null)[] }
  | { readonly kind: 'problems'; readonly problems: readonly LineProblem[] }

/**
 * The seats that the lines of one request name, or all that is wrong with the labels.
 *
 * @param own - labels of seats that may be kept, also where their sections are other pools' by now
 */
export function resolveLines(
  seating: Seating,
  lines: readonly AskedLine[],
  own: ReadonlySet<string> = new Set(),
): ResolvedLines {
  const named = new Set<number>()
  const problems: LineProblem[] = []
  const seats = lines.map(({ ticketType, seats, labels }, line) => {
    if (labels === null) return null
    if (labels.length !== seats) problems.push({ line, flaw: 'label_count', labels: [] })
    const resolved = resolveLabels(seating, labels, ticketType, named, own)
    for (const [flaw, labels] of resolved.flaws) problems.push({ line, flaw, labels })
    return resolved.seats
  })
  return problems.length === 0 ? { kind: 'seats', seats } : { kind: 'problems', problems }
}

/** @param named - the seats that were named before; those of these labels are added */
function resolveLabels(
  seating: Seating,
  labels: readonly string[],
  ticketType: DrawsFrom,
  named: Set<number>,
  own: ReadonlySet<string>,
): { readonly seats: number[]; readonly flaws: ReadonlyMap<LineFlaw, string[]> } {
  const seats: number[] = []
  const flaws = new Map<LineFlaw, string[]>()
  for (const label of labels) {
    const seat = seating.seatAt(label)
    const flaw = flawOf(seating, seat, own.has(label) ? null : ticketType, named)
    if (flaw !== undefined) {
      const told = flaws.get(flaw) ?? []
      flaws.set(flaw, told)
      told.push(label)
    }
    if (seat === undefined) continue
    named.add(seat)
    seats.push(seat)
  }
  return { seats, flaws }
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
