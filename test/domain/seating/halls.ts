import { expandSeating, type Seating } from '../../../src/domain/seating/seating.ts'
import type { RowDocument, SeatingDocument } from '../../../src/domain/seating/document.ts'

/** The seating of a document that has to be right. */
export function seatingOf(document: SeatingDocument): Seating {
  const expanded = expandSeating(document)
  if (expanded.kind === 'problems') throw new Error(JSON.stringify(expanded.problems))
  return expanded.seating
}

/** A section without a pool, of rows that are called 1, 2, and so on. */
export function sectionOf(key: string, ...rows: RowDocument['seats'][]) {
  return { key, pool: null, rows: rows.map((seats, i) => ({ key: String(i + 1), seats })) }
}

/** One section of rows with so many seats each. */
export function hallOf(...lengths: number[]): Seating {
  const rows = lengths.map((to) => ({ from: 1, to }))
  return seatingOf({ sections: [sectionOf('A', ...rows)] })
}
