/** Lets so many pieces of work run at once, in their order of arrival. */
export class Semaphore {
  readonly #waiting: (() => void)[] = []
  #free: number

  /** @param atOnce - pieces of work that run at once, at the most */
  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** Does the work when its turn has come. The caller bounds how many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
