import { problemsOf } from './check-document.ts'
import type { SeatingDocument, SeatingProblem } from './document.ts'
import { seatNamesOf, type SeatNames } from './seat-names.ts'

export interface Section {
  readonly key: string
  /** The key of the pool that its seats are for; null where any ticket type may use them. */
  readonly pool: string | null
  readonly rows: readonly Row[]
}

/** Seats side by side. */
export interface Row {
  readonly section: Section
  /** Where it comes among the rows of all sections, from 0 on. */
  readonly place: number
  /** What the labels of its seats begin with: `A-1`. */
  readonly label: string
  /** The number of its first seat; those of the others follow. */
  readonly firstSeat: number
  readonly names: SeatNames
}

/** What came of a document. */
export type Expanded =
  | { readonly kind: 'seating'; readonly seating: Seating }
  | { readonly kind: 'problems'; readonly problems: readonly SeatingProblem[] }

/** The seats of a document, or what is wrong with it. */
export function expandSeating(document: SeatingDocument): Expanded {
  const problems = problemsOf(document)
  if (problems.length > 0) return { kind: 'problems', problems }
  return { kind: 'seating', seating: new Seating(document) }
}

/**
 * All numbered seats of an event. They have numbers from 0 on, in the document's order; their labels are
 * put together when they are asked for.
 */
export class Seating {
  readonly document: SeatingDocument
  readonly sections: readonly Section[]
  /** The rows of all sections, in order. */
  readonly rows: readonly Row[]
  readonly count: number
  readonly #rowsByLabel: ReadonlyMap<string, Row>

  /** @param document - without a problem; its lists are kept */
  constructor(document: SeatingDocument) {
    this.document = document
    const all: Row[] = []
    const rowsByLabel = new Map<string, Row>()
    let count = 0
    this.sections = document.sections.map(({ key, pool, rows }) => {
      const section = { key, pool, rows: [] as Row[] }
      for (const { key: rowKey, seats } of rows) {
        const names = seatNamesOf(seats)
        const row = {
          section,
          place: all.length,
          label: `${key}-${rowKey}`,
          firstSeat: count,
          names,
        }
        section.rows.push(row)
        all.push(row)
        rowsByLabel.set(row.label, row)
        count += names.count
      }
      return section
    })
    this.count = count
    this.rows = all
    this.#rowsByLabel = rowsByLabel
  }

  /** The number of the seat with that label; undefined where there is none. */
  seatAt(label: string): number | undefined {
    const hyphen = label.lastIndexOf('-')
    if (hyphen === -1) return undefined
    const row = this.#rowsByLabel.get(label.slice(0, hyphen))
    const place = row?.names.placeOf(label.slice(hyphen + 1))
    return row === undefined || place === undefined ? undefined : row.firstSeat + place
  }

  /** All labels, in order. */
  *labels(): Generator<string, void> {
    for (const { label, names } of this.rows) {
      for (let place = 0; place < names.count; place += 1) yield `${label}-${names.at(place)}`
    }
  }

  /** @throws RangeError where there is no such seat */
  labelOf(seat: number): string {
    const row = this.rowOf(seat)
    return `${row.label}-${row.names.at(seat - row.firstSeat)}`
  }

  /** @throws RangeError where there is no such seat */
  sectionOf(seat: number): Section {
    return this.rowOf(seat).section
  }

  /** @throws RangeError where there is no such seat */
  rowOf(seat: number): Row {
    // The last row that does not begin behind the seat.
    let low = 0
    let high = this.rows.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.rows[middle]?.firstSeat ?? Infinity) <= seat) low = middle
      else high = middle
    }
    const row = this.rows[low]
    const isThere = row !== undefined && Number.isInteger(seat) && seat >= 0 && seat < this.count
    if (!isThere) throw new RangeError(`There is no seat ${seat}`)
    return row
  }
}
