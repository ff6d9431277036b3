import { RunSummaries } from './run-summaries.ts'
import { runsOf, type Run } from './runs.ts'
import type { Row, Seating } from './seating.ts'

/** Seats whose state was changed while something is tried out, with the state that they had. */
type Journal = [seat: number, wasFree: boolean][]

/** What it costs to find the row of a seat, once it is taken or given back. */
const LOOKS_FOR_A_ROW = 8

/** Which seats of a hall are free, and of which groups of free seats its rows consist. */
export class FreeSeats {
  readonly rows: readonly Row[]
  readonly #seating: Seating
  readonly #taken: Uint8Array
  readonly #summaries: RunSummaries
  #journal: Journal | null = null
  #looks = 0

  /** All are free. */
  constructor(seating: Seating) {
    this.#seating = seating
    this.rows = seating.rows
    this.#taken = new Uint8Array(seating.count)
    this.#summaries = new RunSummaries(this.rows, (place) => this.runsIn(place))
  }

  isFree(seat: number): boolean {
    return this.#taken[seat] === 0
  }

  /** What there is to know of the rows, by their places, without a look at their seats. */
  get summaries(): RunSummaries {
    return this.#summaries
  }

  /** How many seats, and summaries of rows, have been looked at so far: what searches have cost. */
  get looks(): number {
    return this.#looks + this.#summaries.looks
  }

  /** Has what is gone through beside those, for a search, count as well. */
  countLooks(count: number): void {
    this.#looks += count
  }

  /** The groups of free seats of a row, by its place. */
  runsIn(place: number): Iterable<Run> {
    const row = this.rowAt(place)
    this.#looks += row.names.count
    return runsOf(row, this.#taken)
  }

  rowAt(place: number): Row {
    const row = this.rows[place]
    if (row === undefined) throw new RangeError(`There is no row ${place}`)
    return row
  }

  take(seats: Iterable<number>): void {
    this.#set(seats, false)
  }

  giveBack(seats: Iterable<number>): void {
    this.#set(seats, true)
  }

  /** Undoes whatever is taken and given back in the attempt, however it ends. */
  tryOut<T>(attempt: () => T): T {
    const outer = this.#journal
    const journal: Journal = []
    this.#journal = journal
    try {
      return attempt()
    } finally {
      this.#journal = null
      for (const [seat, wasFree] of journal.reverse()) this.#set([seat], wasFree)
      this.#journal = outer
    }
  }

  #set(seats: Iterable<number>, isFree: boolean): void {
    for (const seat of seats) {
      this.#looks += LOOKS_FOR_A_ROW
      if (this.isFree(seat) === isFree) continue
      this.#journal?.push([seat, !isFree])
      this.#taken[seat] = isFree ? 0 : 1
      this.#summaries.forget(this.#seating.rowOf(seat).place)
    }
  }
}
