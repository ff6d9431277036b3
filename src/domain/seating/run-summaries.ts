import type { Run } from './runs.ts'
import { Summaries } from './summaries.ts'

/** As many rows of a section are summed up together: where none has what is looked for, they are passed over. */
const ROWS_OF_STRETCH = 32

/**
 * The groups of free seats of a hall's rows, in short: how long the longest ones are. So a search looks at seats
 * of one row, and at as many numbers as there are stretches of rows, however full the hall is. A stretch is of one
 * section: who may sit in some sections only has whole ones. What a change makes void is summed up again when it is
 * asked for.
 */
export class RunSummaries {
  readonly #runsIn: (place: number) => Iterable<Run>
  readonly #rows: Summaries
  readonly #stretches: Summaries
  /** Of each row its stretch. */
  readonly #stretchOf: Int32Array
  /** Of each stretch its first row, and at last the row behind the last one. */
  readonly #firstOf: readonly number[]
  #looks = 0

  /**
   * @param rows - in their order
   * @param runsIn - of a row, by its place
   */
  constructor(rows: readonly { section: unknown }[], runsIn: (place: number) => Iterable<Run>) {
    this.#runsIn = runsIn
    this.#stretchOf = new Int32Array(rows.length)
    this.#firstOf = [...firstRowsOf(rows), rows.length]
    for (const [stretch, first] of this.#firstOf.entries()) {
      this.#stretchOf.fill(stretch, first, this.#firstOf[stretch + 1] ?? first)
    }
    this.#rows = new Summaries(rows.length)
    this.#stretches = new Summaries(this.#firstOf.length - 1)
  }

  /** How often it has been asked so far. */
  get looks(): number {
    return this.#looks
  }

  forget(place: number): void {
    this.#rows.forget(place)
    this.#stretches.forget(this.#stretchAt(place))
  }

  /** Seats of the longest run of a row; 0 where none is free. */
  longestIn(place: number): number {
    this.#sumUpRow(place)
    return this.#rows.longest[place] ?? 0
  }

  /** Of the runs of a row that are shorter than that, the seats of the longest; 0 where there is none. */
  nextLongestIn(place: number): number {
    this.#sumUpRow(place)
    return this.#rows.nextLongest[place] ?? 0
  }

  /** Seats of a row that are free. */
  freeIn(place: number): number {
    this.#sumUpRow(place)
    return this.#rows.free[place] ?? 0
  }

  /** The place behind the stretch that begins at a place; undefined where none does. */
  endOfStretch(place: number): number | undefined {
    const stretch = this.#stretchAt(place)
    return this.#firstOf[stretch] === place ? this.#firstOf[stretch + 1] : undefined
  }

  /** Seats of the longest run of the rows of the stretch that begins at a place. */
  longestFrom(place: number): number {
    return this.#stretches.longest[this.#sumUpStretch(place)] ?? 0
  }

  /** Likewise of those that are shorter than that. */
  nextLongestFrom(place: number): number {
    return this.#stretches.nextLongest[this.#sumUpStretch(place)] ?? 0
  }

  /** Seats of its rows that are free. */
  freeFrom(place: number): number {
    return this.#stretches.free[this.#sumUpStretch(place)] ?? 0
  }

  #stretchAt(place: number): number {
    return this.#stretchOf[place] ?? 0
  }

  #sumUpRow(place: number): void {
    this.#looks += 1
    if (this.#rows.isKnown(place)) return
    this.#rows.begin(place)
    for (const { length } of this.#runsIn(place)) this.#rows.add(place, length, 0, length)
  }

  #sumUpStretch(place: number): number {
    this.#looks += 1
    const stretch = this.#stretchAt(place)
    if (this.#stretches.isKnown(stretch)) return stretch
    this.#stretches.begin(stretch)
    const end = this.#firstOf[stretch + 1] ?? place
    for (let each = place; each < end; each += 1) {
      this.#sumUpRow(each)
      const { longest, nextLongest, free } = this.#rows
      this.#stretches.add(stretch, longest[each] ?? 0, nextLongest[each] ?? 0, free[each] ?? 0)
    }
    return stretch
  }
}

function firstRowsOf(rows: readonly { section: unknown }[]): number[] {
  const firsts: number[] = []
  for (const [place, { section }] of rows.entries()) {
    const first = firsts.at(-1)
    const goesOn = first !== undefined && place < first + ROWS_OF_STRETCH
    if (!goesOn || rows[first]?.section !== section) firsts.push(place)
  }
  return firsts
}
