/** A map that is bounded: where it is full, what was set longest ago makes room. */
export class Newest<K, V> {
  readonly #most: number
  /** In the order in which they were set. */
  readonly #values = new Map<K, V>()

  /** @param most - how much is kept */
  constructor(most: number) {
    this.#most = most
  }

  get(key: K): V | undefined {
    return this.#values.get(key)
  }

  has(key: K): boolean {
    return this.#values.has(key)
  }

  /** What is set again is the newest once more. */
  set(key: K, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > this.#most) this.#dropOldest()
  }

  delete(key: K): void {
    this.#values.delete(key)
  }

  #dropOldest(): void {
    for (const key of this.#values.keys()) {
      this.#values.delete(key)
      return
    }
  }
}
