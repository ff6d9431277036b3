import type { Group } from './groups.ts'
import { lateOf, type Waiter, type Waiters } from './waiters.ts'

/** Keys of a group that go into a statement before another group has its turn. */
const KEYS_PER_TURN = 16

/** What the next statements are to read: keys of each group in order of arrival, groups by turns. */
export class Gathered<K, V> {
  readonly #byGroup = new Map<Group, Waiters<K, V>>()

  get isEmpty(): boolean {
    return this.#byGroup.size === 0
  }

  add(key: K, waiter: Waiter<V>): void {
    let ofGroup = this.#byGroup.get(waiter.group)
    if (ofGroup === undefined) {
      ofGroup = new Map()
      this.#byGroup.set(waiter.group, ofGroup)
    }
    const others = ofGroup.get(key)
    if (others === undefined) ofGroup.set(key, [waiter])
    else others.push(waiter)
  }

  /** Takes up to so many keys, with those who still wait for them: a key for which nobody does goes. */
  take(maxKeys: number, isWaiting: (waiter: Waiter<V>) => boolean): Waiters<K, V> {
    const taken: Waiters<K, V> = new Map()
    // Whoever had a turn goes behind the others, and so comes again while there is room.
    for (const [group, ofGroup] of this.#byGroup) {
      if (taken.size >= maxKeys) break
      this.#byGroup.delete(group)
      takeTurn(ofGroup, Math.min(KEYS_PER_TURN, maxKeys - taken.size), isWaiting, taken)
      if (ofGroup.size > 0) this.#byGroup.set(group, ofGroup)
    }
    return taken
  }

  /** Those that arrived at `latest` or before; see {@link lateOf}. */
  late(latest: number): Waiter<V>[] {
    return [...this.#byGroup.values()].flatMap((ofGroup) => lateOf(ofGroup, latest))
  }
}

function takeTurn<K, V>(
  from: Waiters<K, V>,
  maxKeys: number,
  isWaiting: (waiter: Waiter<V>) => boolean,
  taken: Waiters<K, V>,
): void {
  let room = maxKeys
  for (const [key, waiters] of from) {
    if (room === 0) return
    from.delete(key)
    const waiting = waiters.filter(isWaiting)
    if (waiting.length === 0) continue
    // Another group may have asked for the same key.
    taken.set(key, [...(taken.get(key) ?? []), ...waiting])
    room -= 1
  }
}
