import { classifyFailure } from '../store/failure.ts'
import { EngineError, toEngineError } from './engine-error.ts'

export interface ReadBounds {
  /** Reads that are at the database at once. */
  readonly maxAtWork: number
  /** Reads that wait for their turn. */
  readonly maxWaiting: number
  /** How long a read may take, waiting included, until it is given up. */
  readonly timeoutMs: number
}

interface WaitingRead {
  readonly isAbandoned: () => boolean
  /** Settles, and never rejects, when the database is done with it. */
  readonly start: () => Promise<void>
  readonly drop: () => void
}

/**
 * Runs reads side by side, so many at once, in their order of arrival. Each has an answer by its
 * deadline. A read that is given up while it is at work keeps its place until the database has let
 * go of it, which PostgreSQL's statement_timeout sees to: otherwise late reads would pile up there.
 */
export class Reads {
  readonly #bounds: ReadBounds
  readonly #waiting = new Set<WaitingRead>()
  #atWork = 0

  constructor(bounds: ReadBounds) {
    this.#bounds = bounds
  }

  /**
   * @param isAbandoned - asked when the read's turn comes: true drops it, nobody waits for it
   * @throws EngineError `overloaded` where too many wait, or the time was up before the read was
   *   started; `database_unavailable` where it was up later; else what the database's failure is.
   *   What `work` throws beside that comes out as it is.
   */
  run<T>(work: () => Promise<T>, isAbandoned: () => boolean = () => false): Promise<T> {
    const { maxWaiting, timeoutMs } = this.#bounds
    if (this.#waiting.size >= maxWaiting) return Promise.reject(new EngineError('overloaded'))
    return new Promise<T>((resolve, reject) => {
      const fail = (error: unknown): void => {
        clearTimeout(timer)
        reject(asError(error))
      }
      const read: WaitingRead = {
        isAbandoned,
        drop: () => {
          fail(new EngineError('overloaded'))
        },
        start: async () => {
          try {
            resolve(await work())
            clearTimeout(timer)
          } catch (error) {
            fail(error)
          }
        },
      }
      const timer = setTimeout(() => {
        const hasStarted = !this.#waiting.delete(read)
        fail(new EngineError(hasStarted ? 'database_unavailable' : 'overloaded'))
      }, timeoutMs)
      this.#waiting.add(read)
      this.#startNext()
    })
  }

  #startNext(): void {
    for (const read of this.#waiting) {
      if (this.#atWork >= this.#bounds.maxAtWork) return
      this.#waiting.delete(read)
      if (read.isAbandoned()) read.drop()
      else void this.#start(read)
    }
  }

  async #start(read: WaitingRead): Promise<void> {
    this.#atWork += 1
    await read.start()
    this.#atWork -= 1
    this.#startNext()
  }
}

function asError(error: unknown): Error {
  const kind = classifyFailure(error)
  if (kind === 'unknown' && error instanceof Error) return error
  // What a read waits for is no event: a table is locked, by a migration for instance.
  const isLocked = kind === 'lock_timeout' || kind === 'conflict'
  return toEngineError({ kind: isLocked ? 'unavailable' : kind, stage: 'work' }, error)
}
