/** Values that are kept at hand, up to a weight together: beyond it the one used longest ago goes first. */
export class AtHand<K, V> {
  readonly #maxWeight: number
  readonly #weightOf: (value: V) => number
  /** The one that was used last is behind all others. */
  readonly #values = new Map<K, V>()
  #weight = 0

  constructor(maxWeight: number, weightOf: (value: V) => number) {
    this.#maxWeight = maxWeight
    this.#weightOf = weightOf
  }

  has(key: K): boolean {
    return this.#values.has(key)
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  /** The value, which is not at hand any more. */
  take(key: K): V | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#weight -= this.#weightOf(value)
    return value
  }

  /** @param value - stays, however heavy it is, until another one is kept */
  keep(key: K, value: V): void {
    this.take(key)
    this.#values.set(key, value)
    this.#weight += this.#weightOf(value)
    for (const oldest of this.#values.keys()) {
      if (this.#weight <= this.#maxWeight || oldest === key) return
      this.take(oldest)
    }
  }
}
