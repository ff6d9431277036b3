/** How long work that can wait may hold up all else, in one turn of the event loop. */
const SLICE_MS = 5

/**
 * Runs what can wait a little in order, a few milliseconds of it in each turn of the event loop, so
 * that whoever sends a thousand requests at once does not make a client wait that sends one.
 */
export class TimeSlices {
  #waiting: (() => void)[] = []

  readonly add = (work: () => void): void => {
    if (this.#waiting.push(work) === 1) setImmediate(this.#run)
  }

  readonly #run = (): void => {
    const waiting = this.#waiting
    const startedAt = performance.now()
    let done = 0
    while (done < waiting.length && performance.now() - startedAt < SLICE_MS) {
      waiting[done]?.()
      done += 1
    }
    this.#waiting = waiting.slice(done)
    if (this.#waiting.length > 0) setImmediate(this.#run)
  }
}
