import { bestApart, bestTogether } from '../../domain/seating/brute-force.ts'
import type { ModelEvent } from './types.ts'

// Rows of numbered seats, and the best ones by the slow way of looking at all sets of seats.

export interface HallRow {
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

/** Those in which somebody may sit. */
export function rowsFor(
  event: ModelEvent,
  section: string | null,
  pools: readonly string[],
): HallRow[] {
  return rowsOf(event).filter(
    (row) =>
      (section === null || row.section === section) &&
      (row.pool === null || pools.includes(row.pool)),
  )
}

/** Of these rows, the best of the seats that are not gone. @param split - whether they may be apart */
export function bestOf(
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
