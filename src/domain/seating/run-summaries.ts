import type { Run } from './runs.ts'

/** Rows that are summed up together: where none of them has what is looked for, they are passed over at once. */
export const ROWS_OF_STRETCH = 32
/** Lengths up to which it is known whether a row has a run that is exactly so long: a bit each. */
const MAX_EXACT = 31

/**
 * The groups of free seats of a hall's rows, in short: the longest one, and which lengths there are. So a
 * search looks at seats of one row, and at as many numbers as there are stretches of rows, however full the
 * hall is. What a change makes void is summed up again when it is asked for.
 */
export class RunSummaries {
  readonly #runsIn: (place: number) => Iterable<Run>
  readonly #rows: Summaries
  readonly #stretches: Summaries
  #looks = 0

  /** @param runsIn - of a row, by its place */
  constructor(rows: number, runsIn: (place: number) => Iterable<Run>) {
    this.#runsIn = runsIn
    this.#rows = new Summaries(rows)
    this.#stretches = new Summaries(Math.ceil(rows / ROWS_OF_STRETCH))
  }

  /** How often it has been asked so far. */
  get looks(): number {
    return this.#looks
  }

  forget(place: number): void {
    this.#rows.forget(place)
    this.#stretches.forget(stretchOf(place))
  }

  /** Seats of the longest run of a row; 0 where none is free. */
  longestIn(place: number): number {
    this.#sumUpRow(place)
    return this.#rows.longest[place] ?? 0
  }

  /** Seats of a row that are free. */
  freeIn(place: number): number {
    this.#sumUpRow(place)
    return this.#rows.free[place] ?? 0
  }

  /** Whether a row has a run of exactly that length. */
  hasRunOf(place: number, length: number): boolean {
    this.#sumUpRow(place)
    if (length <= MAX_EXACT) return this.#rows.has(place, length)
    for (const run of this.#runsIn(place)) if (run.length === length) return true
    return false
  }

  /** Seats of the longest run of the rows of the stretch that begins at a place. */
  longestFrom(place: number): number {
    const stretch = stretchOf(place)
    this.#sumUpStretch(stretch)
    return this.#stretches.longest[stretch] ?? 0
  }

  /** Whether they may have a run of exactly that length. */
  mayHaveRunOf(place: number, length: number): boolean {
    const stretch = stretchOf(place)
    this.#sumUpStretch(stretch)
    return length > MAX_EXACT || this.#stretches.has(stretch, length)
  }

  #sumUpRow(place: number): void {
    this.#looks += 1
    if (this.#rows.isKnown(place)) return
    this.#rows.begin(place)
    for (const { length } of this.#runsIn(place)) {
      this.#rows.add(place, length, length <= MAX_EXACT ? 1 << length : 0, length)
    }
  }

  #sumUpStretch(stretch: number): void {
    this.#looks += 1
    if (this.#stretches.isKnown(stretch)) return
    this.#stretches.begin(stretch)
    const first = stretch * ROWS_OF_STRETCH
    const end = Math.min(first + ROWS_OF_STRETCH, this.#rows.count)
    for (let place = first; place < end; place += 1) {
      this.#sumUpRow(place)
      const { longest, lengths, free } = this.#rows
      this.#stretches.add(stretch, longest[place] ?? 0, lengths[place] ?? 0, free[place] ?? 0)
    }
  }
}

function stretchOf(place: number): number {
  return Math.floor(place / ROWS_OF_STRETCH)
}

class Summaries {
  readonly count: number
  readonly longest: Int32Array
  /** A bit for each length up to `MAX_EXACT`. */
  readonly lengths: Int32Array
  readonly free: Int32Array
  readonly #known: Uint8Array

  constructor(count: number) {
    this.count = count
    this.longest = new Int32Array(count)
    this.lengths = new Int32Array(count)
    this.free = new Int32Array(count)
    this.#known = new Uint8Array(count)
  }

  isKnown(place: number): boolean {
    return this.#known[place] === 1
  }

  forget(place: number): void {
    this.#known[place] = 0
  }

  begin(place: number): void {
    this.longest[place] = this.lengths[place] = this.free[place] = 0
    this.#known[place] = 1
  }

  add(place: number, longest: number, lengths: number, free: number): void {
    this.longest[place] = Math.max(this.longest[place] ?? 0, longest)
    this.lengths[place] = (this.lengths[place] ?? 0) | lengths
    this.free[place] = (this.free[place] ?? 0) + free
  }

  has(place: number, length: number): boolean {
    return ((this.lengths[place] ?? 0) & (1 << length)) !== 0
  }
}
