import { ContendedKeys } from './contended-keys.ts'
import { KeyQueue, type Queued, type Share, type Undecided } from './key-queue.ts'

/** What has a backlog of this many goes into batches of its own: others need not wait for it. */
export const BACKLOG_APART = 64

/**
 * Queues by key, from which batches are taken fairly: keys in the order in which they became
 * ready, no key in two batches at once, and a stormed key apart from the others.
 */
export class KeyQueues<E extends Queued> {
  #length = 0
  readonly #byKey = new Map<number, KeyQueue<E>>()
  readonly #ready = new Set<KeyQueue<E>>()
  readonly #contended = new Set<KeyQueue<E>>()
  readonly #contendedKeys = new ContendedKeys()
  readonly #isHeavy: (entry: E) => boolean

  /** @param isHeavy - whether an entry takes its key into a batch of its own */
  constructor(isHeavy: (entry: E) => boolean = () => false) {
    this.#isHeavy = isHeavy
  }

  /** Entries that wait, over all keys; those in a batch do not count. */
  get length(): number {
    return this.#length
  }

  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  get hasContended(): boolean {
    return this.#contended.size > 0
  }

  /** Whether the next batch of keys that are ready must be theirs alone. */
  get isNextApart(): boolean {
    for (const queue of this.#ready) return this.#goesApart(queue)
    return false
  }

  lengthOf(key: number): number {
    return this.#byKey.get(key)?.length ?? 0
  }

  add(key: number, entry: E): void {
    let queue = this.#byKey.get(key)
    if (queue === undefined) {
      queue = new KeyQueue(key, this.#contendedKeys.has(key))
      this.#byKey.set(key, queue)
    }
    queue.add(entry)
    this.#length += 1
    if (!queue.inBatch) this.#makeReady(queue)
  }

  /** Takes up to `maxEntries` of the keys that need not be waited for; empty where there are none. */
  takeReady(maxEntries: number): Share<E>[] {
    const shares: Share<E>[] = []
    let room = maxEntries
    for (const queue of this.#ready) {
      if (room === 0) break
      const apart = this.#goesApart(queue)
      if (apart && shares.length > 0) continue
      const share = this.#take(queue, room)
      room -= share.entries.length
      shares.push(share)
      if (apart) break
    }
    return shares
  }

  /** Takes up to `maxEntries` of one key that must be waited for; empty where there is none. */
  takeContended(maxEntries: number): Share<E>[] {
    for (const queue of this.#contended) return [this.#take(queue, maxEntries)]
    return []
  }

  /** Adds up to `maxEntries` of what has come for the share's key since; returns what it added. */
  topUp(share: Share<E>, maxEntries: number): E[] {
    const added = share.queue.takeNew(maxEntries)
    share.entries.push(...added)
    this.#length -= added.length
    return added
  }

  /**
   * Ends a batch's hold on a key.
   *
   * @param undecided - `returned` go back to the front of the queue; `deferred` wait apart, so that
   *   others come before them too. `isLocked` where the key was found locked; `wait` to wait for the
   *   lock now, and not only when it is met once more: most locks are gone by the next batch
   */
  release(queue: KeyQueue<E>, undecided: Undecided<E> = {}): void {
    const { returned = [], deferred = [], isLocked = false, wait = false } = undecided
    const waitsNow = isLocked && wait
    // Of one that was waited for nothing is learned: who waits meets no lock.
    if (waitsNow) this.#contendedKeys.onLocked(queue.key)
    else if (!queue.contended && !isLocked) this.#contendedKeys.onFree(queue.key)
    queue.inBatch = false
    queue.timesLocked = isLocked ? queue.timesLocked + 1 : 0
    queue.contended = waitsNow || queue.timesLocked > 1 || this.#contendedKeys.has(queue.key)
    queue.putBack(returned, deferred)
    this.#length += returned.length + deferred.length
    if (queue.length > 0) this.#makeReady(queue)
    else this.#byKey.delete(queue.key)
  }

  /** Removes and returns the entries for which `test` holds, up to the first of a key that stays. */
  removeWhile(test: (entry: E) => boolean): E[] {
    return [...this.#byKey.values()].flatMap((queue) => this.#removeFrom(queue, test))
  }

  /** Removes and returns all entries that wait for one key. */
  removeAll(queue: KeyQueue<E>): E[] {
    return this.#removeFrom(queue, () => true)
  }

  #removeFrom(queue: KeyQueue<E>, test: (entry: E) => boolean): E[] {
    const removed = queue.removeWhile(test)
    this.#length -= removed.length
    if (queue.length === 0 && !queue.inBatch) this.#forget(queue)
    return removed
  }

  #take(queue: KeyQueue<E>, maxEntries: number): Share<E> {
    const entries = queue.take(maxEntries)
    queue.inBatch = true
    this.#length -= entries.length
    this.#ready.delete(queue)
    this.#contended.delete(queue)
    return { queue, entries }
  }

  #goesApart(queue: KeyQueue<E>): boolean {
    return queue.length >= BACKLOG_APART || queue.hasNew(this.#isHeavy)
  }

  #makeReady(queue: KeyQueue<E>): void {
    if (queue.contended) this.#contended.add(queue)
    else this.#ready.add(queue)
  }

  #forget(queue: KeyQueue<E>): void {
    this.#byKey.delete(queue.key)
    this.#ready.delete(queue)
    this.#contended.delete(queue)
  }
}
