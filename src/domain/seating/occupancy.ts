import { bestAvailable, bestOfRow, type Block } from './best-available.ts'
import type { Row, Seating } from './seating.ts'

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

/** The best blocks of rows are remembered for so many sizes of parties. */
const MAX_SIZES = 8

/**
 * Which of an event's numbered seats somebody has. It belongs to one batch at a time, which changes it; of
 * seats that are not known, and that no command of the batch turns on, it says that they are free.
 */
export class Occupancy {
  readonly seating: Seating
  #known: KnownSections
  readonly #taken: Uint8Array
  /** By the size of a party, and by the place of a row: its best block, null where it has none. */
  readonly #blocks = new Map<number, (Block | null | undefined)[]>()

  /** @param taken - labels; those that are no seats of the seating are passed over */
  constructor(seating: Seating, taken: Iterable<string>, known: KnownSections = 'all') {
    this.seating = seating
    this.#known = known
    this.#taken = new Uint8Array(seating.count)
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
    const others = new Set([...own, ...given].map((seat) => this.seating.rowOf(seat)))
    const blockOf = (row: Row) =>
      others.has(row) ? bestOfRow(row, isFree, count) : this.#blockOf(row, count)
    return bestAvailable(rows, isFree, count, { split, blockOf })
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
      if (this.#blocks.size === 0) continue
      const { place } = this.seating.rowOf(seat)
      for (const blocks of this.#blocks.values()) blocks[place] = undefined
    }
  }

  #blockOf(row: Row, count: number): Block | undefined {
    const blocks = this.#blocksFor(count)
    let block = blocks[row.place]
    if (block === undefined) {
      block = bestOfRow(row, (seat) => this.isFree(seat), count) ?? null
      blocks[row.place] = block
    }
    return block ?? undefined
  }

  #blocksFor(count: number): (Block | null | undefined)[] {
    const known = this.#blocks.get(count)
    if (known !== undefined) return known
    if (this.#blocks.size === MAX_SIZES) this.#blocks.clear()
    const blocks = Array.from<undefined>({ length: this.seating.rows.length })
    this.#blocks.set(count, blocks)
    return blocks
  }
}
