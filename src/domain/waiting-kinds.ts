import { claimOf, kindOf, type Claim } from './claim.ts'
import type { WaitlistEntry } from './model.ts'
import { MAX_WAITED_FOR_POOLS, MAX_WAITING_KINDS } from './policy.ts'

/**
 * Entries of a waitlist that wait for the same: as many seats, of the same pools. For the rules they
 * differ in their order alone: where the first of them is not served, none is. So it takes no more
 * than the first of each kind to know what all who wait need, however many they are.
 */
export interface WaitingKind {
  readonly seats: number
  readonly claim: Claim
  /** How many of them are in the part of the line that is loaded. */
  loaded: number
  /** The last that was loaded, where there are more; null where there are not. */
  readonly loadedUpTo: number | null
}

/** By `kindOf`. */
export type WaitingKinds = Map<string, WaitingKind>

/**
 * The kinds of loaded entries.
 *
 * @param loadedUpTo - of kinds that have more entries, the last that was loaded
 */
export function kindsOf(
  entries: Iterable<WaitlistEntry>,
  loadedUpTo: ReadonlyMap<string, number> = new Map(),
): WaitingKinds {
  const kinds: WaitingKinds = new Map()
  for (const entry of entries) addToKinds(kinds, entry, loadedUpTo.get(kindOf(entry)) ?? null)
  return kinds
}

/** Counts an entry that is loaded, or new. */
export function addToKinds(
  kinds: WaitingKinds,
  entry: WaitlistEntry,
  loadedUpTo: number | null = null,
): void {
  const key = kindOf(entry)
  const kind = kinds.get(key)
  if (kind !== undefined) kind.loaded += 1
  else kinds.set(key, { seats: entry.seats, claim: claimOf(entry.lines), loaded: 1, loadedUpTo })
}

/** Whether an entry would be of a new kind that a line has no place for: each batch reads one of each kind. */
export function isOneTooMany(
  kinds: WaitingKinds,
  entry: Pick<WaitlistEntry, 'seats' | 'lines'>,
): boolean {
  if (kinds.has(kindOf(entry))) return false
  if (kinds.size >= MAX_WAITING_KINDS) return true
  let pools = claimOf(entry.lines).size
  for (const { claim } of kinds.values()) pools += claim.size
  return pools > MAX_WAITED_FOR_POOLS
}

/** Takes an entry of the loaded part back. */
export function removeFromKinds(kinds: WaitingKinds, entry: WaitlistEntry): void {
  const key = kindOf(entry)
  const kind = kinds.get(key)
  if (kind === undefined) return
  kind.loaded -= 1
  if (kind.loaded === 0 && kind.loadedUpTo === null) kinds.delete(key)
}

/** What is waited for but by one entry, which need not be of the loaded part. */
export function kindsWithout(kinds: WaitingKinds, entry: WaitlistEntry): WaitingKinds {
  const key = kindOf(entry)
  const kind = kinds.get(key)
  // Where there are more than are loaded, or others that are, the kind is there without it.
  if (kind === undefined || kind.loadedUpTo !== null || kind.loaded > 1) return kinds
  const others = new Map(kinds)
  others.delete(key)
  return others
}

/** Whether others of the kind are behind what is loaded of it: a new one is behind those. */
export function hasMoreBehind(kinds: WaitingKinds, entry: WaitlistEntry): boolean {
  return (kinds.get(kindOf(entry))?.loadedUpTo ?? null) !== null
}

/**
 * From where on the order is not known: behind what is loaded of a kind of which nothing that is
 * loaded waits any longer. Infinite where it is known to the end.
 */
export function horizonOf(kinds: WaitingKinds): number {
  let horizon = Infinity
  for (const { loaded, loadedUpTo } of kinds.values()) {
    if (loaded === 0 && loadedUpTo !== null) horizon = Math.min(horizon, loadedUpTo)
  }
  return horizon
}
