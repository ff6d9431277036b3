/**
 * Does something once for all who ask while it is under way, and for so long afterwards: they get the
 * same. What fails is done again for the next one.
 */
export class Shared<T> {
  readonly #make: () => Promise<T>
  readonly #keptMs: number
  #made: Promise<T> | undefined
  #freshUntil = 0

  constructor(make: () => Promise<T>, keptMs: number) {
    this.#make = make
    this.#keptMs = keptMs
  }

  get(): Promise<T> {
    if (this.#made === undefined || performance.now() >= this.#freshUntil) {
      this.#freshUntil = Infinity
      this.#made = this.#make()
      this.#made.then(
        () => (this.#freshUntil = performance.now() + this.#keptMs),
        () => (this.#freshUntil = 0),
      )
    }
    return this.#made
  }
}
