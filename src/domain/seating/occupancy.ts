import { bestAvailable } from './best-available.ts'
import type { Row, Seating } from './seating.ts'

/** What is asked for where somebody has the service choose the seats. */
export interface BestAvailable {
  /** The key of the section; null for any. */
  readonly section: string | null
  /** Whether they may be apart, where they can't be side by side. */
  readonly split: boolean
}

/**
 * Which of an event's numbered seats somebody has. It belongs to one batch, which changes it; of seats
 * that no command of the batch turns on it may know nothing, and says that they are free.
 */
export class Occupancy {
  readonly seating: Seating
  readonly #taken: Uint8Array
  /** Counted when it is first asked for. */
  readonly #freeInRows = new Map<Row, number>()

  /** @param taken - labels; those that are no seats of the seating are passed over */
  constructor(seating: Seating, taken: Iterable<string>) {
    this.seating = seating
    this.#taken = new Uint8Array(seating.count)
    this.take(taken)
  }

  isFree(seat: number): boolean {
    return this.#taken[seat] === 0
  }

  take(labels: Iterable<string>): void {
    this.#set(labels, 1)
  }

  giveBack(labels: Iterable<string>): void {
    this.#set(labels, 0)
  }

  /**
   * The best free seats, by the rule of docs/best-available.md; null where there are none.
   *
   * @param rows - that come into question, in the order of the seating
   * @param own - seats that count as free
   * @param given - seats that do not
   */
  best(
    rows: readonly Row[],
    count: number,
    { split, own, given }: { split: boolean; own: ReadonlySet<number>; given: ReadonlySet<number> },
  ): readonly number[] | null {
    const isFree = (seat: number) => (this.isFree(seat) || own.has(seat)) && !given.has(seat)
    // Rows that are full, which are most of them in the end, are not gone through.
    const open = split || own.size > 0 ? rows : rows.filter((row) => this.#freeIn(row) >= count)
    return bestAvailable(open, isFree, count, { split })
  }

  /** Of the seats that somebody has, as far as they are known. */
  *takenLabels(): Generator<string, void> {
    let seat = 0
    for (const label of this.seating.labels()) {
      if (!this.isFree(seat)) yield label
      seat += 1
    }
  }

  #set(labels: Iterable<string>, value: 0 | 1): void {
    for (const label of labels) {
      const seat = this.seating.seatAt(label)
      if (seat === undefined || this.#taken[seat] === value) continue
      this.#taken[seat] = value
      const row = this.seating.rowOf(seat)
      const free = this.#freeInRows.get(row)
      // A row that nobody has asked for is counted when somebody does.
      if (free !== undefined) this.#freeInRows.set(row, free + (value === 0 ? 1 : -1))
    }
  }

  #freeIn(row: Row): number {
    const known = this.#freeInRows.get(row)
    if (known !== undefined) return known
    let free = 0
    for (let place = 0; place < row.names.count; place += 1) {
      if (this.isFree(row.firstSeat + place)) free += 1
    }
    this.#freeInRows.set(row, free)
    return free
  }
}
