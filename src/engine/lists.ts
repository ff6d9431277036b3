import { setImmediate as nextTurn } from 'node:timers/promises'
import { OVERLOADED, UNAVAILABLE, type EngineError } from './engine-error.ts'
import { settleInTurns } from './in-turns.ts'
import type { Group } from './groups.ts'
import type { Lanes, LaneWork } from './lanes.ts'
import { readErrorOf } from './read-error.ts'

/**
 * Reads a page.
 *
 * @param timeLeftMs - how long it may take
 * @param stop - set off when nobody waits for the page any more: the database is to let go of it
 */
export type ReadPage<Q, T> = (query: Q, timeLeftMs: number, stop: AbortSignal) => Promise<T>

/** A request that waits for a page. */
interface Reader<T> {
  readonly deadline: number
  readonly resolve: (page: T) => void
  readonly reject: (error: Error) => void
  /** Takes its timer and its listener back. */
  readonly end: () => void
}

/** A page that is read for all who have asked for it before it was begun. */
interface SharedRead<T> {
  readonly readers: Set<Reader<T>>
  readonly stopping: AbortController
  readonly work: LaneWork
}

/**
 * Reads pages of a list, in lanes: however many and expensive they are, they take no more of the
 * database than that. Requests for the same page that arrive while it is read share the next read of
 * it, so that a page which everybody asks for takes one lane; no answer is older than its request.
 * Each request has an answer by its own deadline. A page that nobody waits for any more is stopped,
 * and keeps its lane until the database has let go of it: otherwise late ones would pile up there.
 */
export class Lists<Q, T> {
  readonly #lanes: Lanes
  readonly #read: ReadPage<Q, T>
  readonly #timeoutMs: number
  readonly #waiting = new Map<string, SharedRead<T>>()
  readonly #atWork = new Set<string>()

  /** @param timeoutMs - how long a request may take, waiting included, until it is given up */
  constructor(lanes: Lanes, read: ReadPage<Q, T>, timeoutMs: number) {
    this.#lanes = lanes
    this.#read = read
    this.#timeoutMs = timeoutMs
  }

  /**
   * All who share a read are given the same object.
   *
   * @param query - what the page turns on, all of it
   * @param gone - set off when the client has gone
   * @param group - whose page it is: the same for all who ask for it
   * @throws EngineError `overloaded` where too many wait, the client has gone, or the time was up
   *   before the page's turn came; `database_unavailable` where it was up later; else what the
   *   database's failure is. What `read` throws beside that comes out as it is.
   */
  read(query: Q, gone?: AbortSignal, group: Group = null): Promise<T> {
    if (gone?.aborted) return Promise.reject(OVERLOADED)
    const key = JSON.stringify(query)
    const shared = this.#waiting.get(key) ?? this.#queue(key, query, group)
    if (shared === undefined) return Promise.reject(OVERLOADED)
    return new Promise<T>((resolve, reject) => {
      const giveUp = (error: EngineError): void => {
        this.#leave(key, shared, reader, error)
      }
      const leave = (): void => {
        giveUp(OVERLOADED)
      }
      const timer = setTimeout(giveUp, this.#timeoutMs, UNAVAILABLE)
      gone?.addEventListener('abort', leave)
      const end = (): void => {
        clearTimeout(timer)
        gone?.removeEventListener('abort', leave)
      }
      const reader = { deadline: performance.now() + this.#timeoutMs, resolve, reject, end }
      shared.readers.add(reader)
    })
  }

  /** Undefined where too many wait. */
  #queue(key: string, query: Q, group: Group): SharedRead<T> | undefined {
    const work = {
      group,
      isReady: () => !this.#atWork.has(key),
      start: () => this.#start(key, query, shared),
    }
    const shared: SharedRead<T> = { readers: new Set(), stopping: new AbortController(), work }
    // It can begin at once, which takes it from there again.
    this.#waiting.set(key, shared)
    if (this.#lanes.add(work)) return shared
    this.#waiting.delete(key)
    return undefined
  }

  async #start(key: string, query: Q, shared: SharedRead<T>): Promise<void> {
    this.#atWork.add(key)
    // The requests that this turn of the event loop reads have all arrived then.
    await nextTurn()
    this.#waiting.delete(key)
    if (shared.readers.size > 0) await this.#readFor(query, shared)
    this.#atWork.delete(key)
  }

  async #readFor(query: Q, { readers, stopping }: SharedRead<T>): Promise<void> {
    const latest = Math.max(...Array.from(readers, ({ deadline }) => deadline))
    const timeLeftMs = Math.max(1, Math.ceil(latest - performance.now()))
    let tell: (reader: Reader<T>) => void
    try {
      const page = await this.#read(query, timeLeftMs, stopping.signal)
      tell = ({ resolve }) => {
        resolve(page)
      }
    } catch (error) {
      const reason = readErrorOf(error)
      tell = ({ reject }) => {
        reject(reason)
      }
    }
    await settleInTurns(readers, (reader) => {
      readers.delete(reader)
      reader.end()
      tell(reader)
    })
  }

  #leave(key: string, shared: SharedRead<T>, reader: Reader<T>, error: EngineError): void {
    shared.readers.delete(reader)
    reader.end()
    const isWaiting = this.#waiting.get(key) === shared
    reader.reject(isWaiting ? OVERLOADED : error)
    if (shared.readers.size > 0) return
    if (!isWaiting) shared.stopping.abort()
    else if (this.#lanes.takeBack(shared.work)) this.#waiting.delete(key)
  }
}
