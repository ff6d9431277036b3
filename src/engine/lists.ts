import { OVERLOADED, UNAVAILABLE, type EngineError } from './engine-error.ts'
import { readErrorOf } from './read-error.ts'

export interface ListBounds {
  /** Lists that are at the database at once, and how many of those may be searches. */
  readonly lanes: number
  readonly searchLanes: number
  /** Searches that wait for their turn, and as many other lists. */
  readonly maxWaiting: number
  /** How long a list may take, waiting included, until it is given up. */
  readonly timeoutMs: number
}

/**
 * Reads a page.
 *
 * @param timeLeftMs - how long it may take
 * @param stop - set off when nobody waits for the page any more: the database is to let go of it
 */
export type ReadPage<T> = (timeLeftMs: number, stop: AbortSignal) => Promise<T>

export interface ListOptions {
  /** Whether no index serves the list, so that it may take as long as the table is large. */
  readonly isSearch?: boolean
  /** Set off when the client has gone. */
  readonly gone?: AbortSignal
}

interface WaitingList {
  readonly isSearch: boolean
  /** Settles, and never rejects, when the database is done with it. */
  readonly start: () => Promise<void>
}

/**
 * Reads pages of lists in lanes of their own: however many and expensive they are, they take no more
 * of the database than that, and searches leave a lane, and room in the queue, to the others. Each
 * has an answer by its deadline. A list that nobody waits for any more is stopped, and keeps its lane
 * until the database has let go of it: otherwise late ones would pile up there.
 */
export class Lists {
  readonly #bounds: ListBounds
  readonly #waiting = new Set<WaitingList>()
  #atWork = 0
  #searching = 0
  #waitingSearches = 0

  constructor(bounds: ListBounds) {
    this.#bounds = bounds
  }

  /**
   * @throws EngineError `overloaded` where too many wait, the client has gone, or the time was up
   *   before the list's turn came; `database_unavailable` where it was up later; else what the
   *   database's failure is. What `read` throws beside that comes out as it is.
   */
  run<T>(read: ReadPage<T>, { isSearch = false, gone }: ListOptions = {}): Promise<T> {
    const { maxWaiting, timeoutMs } = this.#bounds
    if (this.#countWaiting(isSearch) >= maxWaiting || gone?.aborted)
      return Promise.reject(OVERLOADED)
    const deadline = performance.now() + timeoutMs
    return new Promise<T>((resolve, reject) => {
      const stopping = new AbortController()
      const giveUp = (error: EngineError): void => {
        const hasStarted = !this.#take(list)
        end()
        reject(hasStarted ? error : OVERLOADED)
        stopping.abort()
      }
      const leave = (): void => {
        giveUp(OVERLOADED)
      }
      const timer = setTimeout(giveUp, timeoutMs, UNAVAILABLE)
      gone?.addEventListener('abort', leave)
      const end = (): void => {
        clearTimeout(timer)
        gone?.removeEventListener('abort', leave)
      }
      const start = async (): Promise<void> => {
        try {
          const timeLeftMs = Math.max(1, Math.ceil(deadline - performance.now()))
          resolve(await read(timeLeftMs, stopping.signal))
        } catch (error) {
          reject(readErrorOf(error))
        } finally {
          end()
        }
      }
      const list: WaitingList = { isSearch, start }
      this.#waiting.add(list)
      if (isSearch) this.#waitingSearches += 1
      this.#startNext()
    })
  }

  #countWaiting(isSearch: boolean): number {
    return isSearch ? this.#waitingSearches : this.#waiting.size - this.#waitingSearches
  }

  /** Takes a list out of the queue; false where it is not in it. */
  #take(list: WaitingList): boolean {
    const wasWaiting = this.#waiting.delete(list)
    if (wasWaiting && list.isSearch) this.#waitingSearches -= 1
    return wasWaiting
  }

  #startNext(): void {
    for (const list of this.#waiting) {
      if (this.#atWork >= this.#bounds.lanes) return
      if (list.isSearch && this.#searching >= this.#bounds.searchLanes) continue
      this.#take(list)
      void this.#start(list)
    }
  }

  async #start({ isSearch, start }: WaitingList): Promise<void> {
    this.#atWork += 1
    if (isSearch) this.#searching += 1
    await start()
    this.#atWork -= 1
    if (isSearch) this.#searching -= 1
    this.#startNext()
  }
}
