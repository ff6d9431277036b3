import { FreeSeats } from './free-seats.ts'
import type { Seating } from './seating.ts'

/** What is asked for where somebody has the service choose the seats. */
export interface BestAvailable {
  /** The key of the section; null for any. */
  readonly section: string | null
  /** Whether they may be apart, where they can't be side by side. */
  readonly split: boolean
}

/** Of which sections it is known who has their seats: all, or those with these keys. */
export type KnownSections = 'all' | ReadonlySet<string>

/** What is in the one or the other. */
export function unionOf(one: KnownSections, other: KnownSections): KnownSections {
  return one === 'all' || other === 'all' ? 'all' : new Set([...one, ...other])
}

/**
 * Which of an event's numbered seats somebody has. It belongs to one batch at a time, which changes it; of
 * seats that are not known, and that no command of the batch turns on, it says that they are free.
 */
export class Occupancy {
  readonly seating: Seating
  readonly seats: FreeSeats
  #known: KnownSections
  /** @param taken - labels; those that are no seats of the seating are passed over */
  constructor(seating: Seating, taken: Iterable<string>, known: KnownSections = 'all') {
    this.seating = seating
    this.#known = known
    this.seats = new FreeSeats(seating)
    this.take(taken)
  }

  /** Whether there are sections of which all is known. */
  get knowsSections(): boolean {
    return this.#known === 'all' || this.#known.size > 0
  }

  /** Whether all is known of these sections. */
  knows(keys: KnownSections): boolean {
    const known = this.#known
    if (known === 'all') return true
    if (keys === 'all') return false
    return [...keys].every((key) => known.has(key))
  }

  /**
   * Has it know more.
   *
   * @param taken - labels, of these sections and others, that are taken at its present state
   */
  learn(taken: Iterable<string>, sections: KnownSections): void {
    this.take(taken)
    this.#known = unionOf(this.#known, sections)
  }

  isFree(seat: number): boolean {
    return this.seats.isFree(seat)
  }

  take(labels: Iterable<string>): void {
    this.seats.take(this.numbersOf(labels))
  }

  giveBack(labels: Iterable<string>): void {
    this.seats.giveBack(this.numbersOf(labels))
  }

  /** The numbers of seats, without labels that are of none. */
  numbersOf(labels: Iterable<string>): number[] {
    const numbers = Array.from(labels, (label) => this.seating.seatAt(label))
    return numbers.filter((seat) => seat !== undefined)
  }

  /** Of the seats that somebody has, as far as they are known. */
  *takenLabels(): Generator<string, void> {
    let seat = 0
    for (const label of this.seating.labels()) {
      if (!this.isFree(seat)) yield label
      seat += 1
    }
  }
}
