import type { Line } from '../model.ts'
import type { RowRange } from '../seating/best-available.ts'
import type { Occupancy } from '../seating/occupancy.ts'
import type { Section } from '../seating/seating.ts'

/** What it costs to see whether a section is one for a line, in looks at a seat. */
const LOOKS_FOR_A_SECTION = 4

/** Lines that ask for the best seats of the same rows, and are seated together. */
export interface Party {
  readonly sections: number
  readonly ranges: readonly RowRange[]
  readonly split: boolean
  /** Their places among the lines. */
  readonly places: number[]
  seats: number
}

/**
 * The parties among lines, in the order in which they are seated: who may sit in fewer sections comes first,
 * and of those who may sit in as many, who is not to be split up. To find their sections is part of a search.
 */
export function partiesIn(
  { seating, seats: hall }: Occupancy,
  lines: readonly Line[],
): readonly Party[] {
  const parties: Party[] = []
  for (const [place, { bestAvailable: asked, pools, seats }] of lines.entries()) {
    if (asked === undefined) continue
    const { section, split } = asked
    const own = new Set(pools)
    const sections = seating.sections.filter(
      ({ key, pool }) => (section === null || key === section) && (pool === null || own.has(pool)),
    )
    const ranges = rangesOf(sections)
    hall.countLooks(LOOKS_FOR_A_SECTION * (seating.sections.length + sections.length))
    const known = parties.find((each) => each.split === split && isSame(each.ranges, ranges))
    if (known === undefined) {
      parties.push({ sections: sections.length, ranges, split, places: [place], seats })
    } else {
      known.places.push(place)
      known.seats += seats
    }
  }
  // Who has fewer seats to choose from must not find them given to others.
  return parties.sort((a, b) => a.sections - b.sections || Number(a.split) - Number(b.split))
}

function isSame(these: readonly RowRange[], those: readonly RowRange[]): boolean {
  if (these.length !== those.length) return false
  return these.every((range, i) => range[0] === those[i]?.[0] && range[1] === those[i][1])
}

/** Sections that follow each other are one range. */
function rangesOf(sections: readonly Section[]): RowRange[] {
  const ranges: [from: number, to: number][] = []
  for (const { rows } of sections) {
    const [first] = rows
    if (first === undefined) continue
    const last = ranges.at(-1)
    if (last?.[1] === first.place) last[1] += rows.length
    else ranges.push([first.place, first.place + rows.length])
  }
  return ranges
}
