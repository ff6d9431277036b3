import { claimOf, kindOf, type Claim } from './claim.ts'
import type { WaitlistEntry } from './model.ts'
import { MAX_WAITED_FOR_POOLS, MAX_WAITING_KINDS } from './policy.ts'

/** What entries of a kind wait for. */
export interface WaitingKind {
  readonly seats: number
  readonly claim: Claim
}

interface CountedKind extends WaitingKind {
  readonly key: string
  /** How many of them are in the part of the line that is loaded. */
  loaded: number
  /** The last that was loaded, where there are more; null where there are not. */
  readonly loadedUpTo: number | null
}

type Wanted = Pick<WaitlistEntry, 'seats' | 'lines'>

/**
 * Entries of a waitlist by their kinds: those of one wait for the same, as many seats of the same pools. For
 * the rules they differ in their order alone: where the first of them is not served, none is. So it takes no
 * more than the first of each kind to know what all who wait need, however many they are.
 */
export class WaitingKinds {
  /** By `kindOf`. */
  readonly #kinds = new Map<string, CountedKind>()
  /** Those of which somebody waits for seats of a pool. */
  readonly #ofPools = new Map<string, Set<CountedKind>>()
  /** Of each entry that is loaded, by its id. */
  readonly #ofEntries = new Map<number, CountedKind>()
  #waitedForPools = 0
  #horizon = Infinity

  /**
   * @param entries - that are loaded, in their order
   * @param loadedUpTo - of kinds that have more entries, the last that was loaded
   */
  constructor(
    entries: Iterable<WaitlistEntry> = [],
    loadedUpTo: ReadonlyMap<string, number> = new Map(),
  ) {
    for (const entry of entries) this.#add(entry, loadedUpTo)
  }

  /**
   * From where on the order is not known: behind what is loaded of a kind of which nothing that is
   * loaded waits any longer. Infinite where it is known to the end.
   */
  get horizon(): number {
    return this.#horizon
  }

  /** Counts a new entry. */
  add(entry: WaitlistEntry): void {
    this.#add(entry, new Map())
  }

  #add(entry: WaitlistEntry, loadedUpTo: ReadonlyMap<string, number>): void {
    const key = kindOf(entry)
    const kind = this.#kinds.get(key) ?? this.#addKind(key, entry, loadedUpTo.get(key) ?? null)
    kind.loaded += 1
    this.#ofEntries.set(entry.id, kind)
  }

  #addKind(key: string, { seats, lines }: Wanted, loadedUpTo: number | null): CountedKind {
    const kind = { key, seats, claim: claimOf(lines), loaded: 0, loadedUpTo }
    this.#kinds.set(key, kind)
    for (const pool of kind.claim.keys()) {
      const takers = this.#ofPools.get(pool)
      if (takers === undefined) this.#ofPools.set(pool, new Set([kind]))
      else takers.add(kind)
    }
    this.#waitedForPools += kind.claim.size
    return kind
  }

  /** Takes an entry of the loaded part back. */
  remove({ id }: WaitlistEntry): void {
    const kind = this.#ofEntries.get(id)
    if (kind === undefined) return
    this.#ofEntries.delete(id)
    kind.loaded -= 1
    if (kind.loaded > 0) return
    // What has more is never added to again: new ones are behind those.
    if (kind.loadedUpTo !== null) this.#horizon = Math.min(this.#horizon, kind.loadedUpTo)
    else this.#removeKind(kind)
  }

  #removeKind(kind: CountedKind): void {
    this.#kinds.delete(kind.key)
    for (const pool of kind.claim.keys()) this.#ofPools.get(pool)?.delete(kind)
    this.#waitedForPools -= kind.claim.size
  }

  /** @throws RangeError where the entry is not one that is loaded */
  of({ id }: WaitlistEntry): WaitingKind {
    const kind = this.#ofEntries.get(id)
    if (kind === undefined) throw new RangeError('the entry is of no kind that is known')
    return kind
  }

  /** Whether others of the kind are behind what is loaded of it: a new one is behind those. */
  hasMoreBehind(wanted: Wanted): boolean {
    return (this.#kinds.get(kindOf(wanted))?.loadedUpTo ?? null) !== null
  }

  /** Whether an entry would be of a new kind that a line has no place for: each batch reads one of each kind. */
  isOneTooMany(wanted: Wanted): boolean {
    if (this.#kinds.has(kindOf(wanted))) return false
    if (this.#kinds.size >= MAX_WAITING_KINDS) return true
    return this.#waitedForPools + claimOf(wanted.lines).size > MAX_WAITED_FOR_POOLS
  }

  /**
   * Seats that one of those who wait needs at the most; 0 where nobody waits.
   *
   * @param except - who is left out
   */
  mostSeats(except?: WaitlistEntry): number {
    const without = this.#onlyOf(except)
    let most = 0
    for (const kind of this.#kinds.values()) {
      if (kind !== without) most = Math.max(most, kind.seats)
    }
    return most
  }

  /**
   * Seats of a pool, likewise.
   *
   * @param except - who is left out
   */
  mostOf(pool: string, except?: WaitlistEntry): number {
    const without = this.#onlyOf(except)
    let most = 0
    for (const kind of this.#ofPools.get(pool) ?? []) {
      if (kind !== without) most = Math.max(most, kind.claim.get(pool) ?? 0)
    }
    return most
  }

  /** The kind that would not be there without an entry. */
  #onlyOf(entry: WaitlistEntry | undefined): CountedKind | undefined {
    // Of one that is not loaded there are others, before it.
    const kind = entry && this.#ofEntries.get(entry.id)
    return kind?.loaded === 1 && kind.loadedUpTo === null ? kind : undefined
  }
}
