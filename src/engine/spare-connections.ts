import { ServiceError } from '../http/errors.ts'
import { classifyFailure } from '../store/failure.ts'
import { toServiceError } from './service-error.ts'

/** Pieces of work that wait for a connection, at the most. */
const MAX_WAITING = 1000

/**
 * Runs work on the connections that the pipeline leaves: reads, however many, must not take those
 * by which seats are sold.
 */
export class SpareConnections {
  #free: number
  readonly #waiting: (() => void)[] = []

  /** @param connections - how many pieces of work may be at the database at once */
  constructor(connections: number) {
    this.#free = connections
  }

  /**
   * @throws ServiceError `overloaded` where too many wait; else what the database's failure is
   *   called in the catalogue
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= MAX_WAITING) throw new ServiceError('overloaded')
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } catch (error) {
      if (error instanceof ServiceError) throw error
      throw toServiceError({ kind: classifyFailure(error), stage: 'work' }, error)
    } finally {
      // Who waited longest takes the place over.
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
