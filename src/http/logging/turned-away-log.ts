import type { FastifyBaseLogger } from 'fastify'
import type { ErrorCode } from '../errors.ts'

const INTERVAL_MS = 1000

interface Counted {
  count: number
  /** Of the first of them. */
  readonly example: object
  readonly err: unknown
}

/**
 * Counts the requests that are turned away, by code, and says how many there were, with one of them
 * and its cause: one line a second and code at the most. A line for each would cost more than the
 * requests.
 */
export class TurnedAwayLog {
  readonly #counted = new Map<ErrorCode, Counted>()
  #timer: NodeJS.Timeout | undefined
  #log: FastifyBaseLogger | undefined

  /** `describe` is called for the first of a second only. */
  count(log: FastifyBaseLogger, code: ErrorCode, describe: () => object, err: unknown): void {
    const counted = this.#counted.get(code)
    if (counted !== undefined) {
      counted.count += 1
      return
    }
    this.#counted.set(code, { count: 1, example: describe(), err })
    this.#log = log
    this.#timer ??= setTimeout(this.#tell, INTERVAL_MS)
  }

  /** Tells what has not been told yet. */
  close(): void {
    clearTimeout(this.#timer)
    this.#tell()
  }

  readonly #tell = (): void => {
    for (const [code, counted] of this.#counted) {
      // A limit does what it is there for; anything else is a failure of ours, or below us.
      const level = code === 'rate_limited' ? 'info' : 'error'
      this.#log?.[level]({ code, ...counted }, 'requests turned away')
    }
    this.#counted.clear()
    this.#timer = undefined
  }
}
