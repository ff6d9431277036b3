import { keepsOwnTime } from './own-time.ts'
import type { Response } from './surroundings.ts'

/** The answers that a connection's client has to get: one whose turn has come, and those behind it. */
export class DueAnswers {
  /** The latest one whose turn has come; it may have left. */
  #current: Response | undefined
  /** Those behind it, in order. */
  readonly #held: Response[] = []

  // Where nothing waits behind it, nobody listens for an answer's end: hence the question.
  /** The one whose turn it is. */
  get due(): Response | undefined {
    return this.#current?.closed === false ? this.#current : undefined
  }

  get isIdle(): boolean {
    return this.due === undefined
  }

  /** The one that was asked for last, of those that are remembered. */
  get latest(): Response | undefined {
    return this.#held.at(-1) ?? this.#current
  }

  /** The answer to the request of which the rest is coming still; undefined where there is none. */
  get early(): Response | undefined {
    const { latest } = this
    return latest?.closed === true && !latest.req.complete ? latest : undefined
  }

  /** Whether Node's time for a request says nothing of the latest one. */
  get latestKeepsOwnTime(): boolean {
    return this.latest?.req.complete === false && keepsOwnTime(this.latest.req)
  }

  /** How many wait for their turn. */
  get held(): number {
    return this.#held.length
  }

  begin(response: Response): void {
    this.#current = response
  }

  hold(response: Response): void {
    this.#held.push(response)
  }

  /** Takes out the one that has waited longest, if it is its turn. */
  next(): Response | undefined {
    return this.isIdle ? this.#held.shift() : undefined
  }

  /** Takes out the one that came last, if it waits. */
  dropLast(): Response | undefined {
    return this.#held.pop()
  }

  /** Forgets those that wait. */
  dropHeld(): void {
    this.#held.length = 0
  }

  /** Forgets one that has left: idle connections keep no request in memory. */
  forgetLast(): void {
    if (this.#current?.closed === true && this.#current.req.complete) this.#current = undefined
  }
}
