/** How long a key is remembered after a batch has met its lock. */
const REMEMBER_MS = 500

interface Memory {
  readonly until: number
  /** Whether a batch met the lock, and the next one that did not wait for it met it again. */
  readonly isContended: boolean
}

/**
 * Remembers on which keys batches do nothing but meet a lock: such a key is stormed through other
 * processes too, and for a while it is waited for at once, instead of being passed over first each
 * time. A single hit does not tell: with many keys and few commands a batch is one key, and the next
 * one finds it free. To wait takes a round trip more, and one of few places.
 */
export class ContendedKeys {
  readonly #memories = new Map<number, Memory>()

  /** Whether the key is to be waited for at once. */
  has(key: number): boolean {
    const memory = this.#memories.get(key)
    return memory !== undefined && memory.isContended && performance.now() < memory.until
  }

  /** A batch that did not wait had nothing but keys that are locked, this one among them. */
  onLocked(key: number): void {
    const now = performance.now()
    const memory = this.#memories.get(key)
    const isContended = memory !== undefined && now < memory.until
    // Behind all others: they are in the order in which they are forgotten.
    this.#memories.delete(key)
    this.#memories.set(key, { until: now + REMEMBER_MS, isContended })
    for (const [other, { until }] of this.#memories) {
      if (until > now) return
      this.#memories.delete(other)
    }
  }

  /** A batch that did not wait has found the key free. */
  onFree(key: number): void {
    this.#memories.delete(key)
  }
}
