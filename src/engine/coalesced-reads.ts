import { OVERLOADED, UNAVAILABLE } from './engine-error.ts'
import { Gathered } from './gathered.ts'
import { CountsByGroup, type Group } from './groups.ts'
import { settleInTurns } from './in-turns.ts'
import { loadApart, type Load, type Loaded } from './load-apart.ts'
import { Semaphore } from './semaphore.ts'
import { lateOf, type Waiter, type Waiters } from './waiters.ts'

export interface CoalescedBounds {
  /** Keys that one statement reads. */
  readonly maxKeys: number
  /** Requests without an answer; of one group half of that, and less where others have many too. */
  readonly maxWaiting: number
  /** How long a request may take, waiting included, until it is given up. */
  readonly timeoutMs: number
}

/**
 * Reads single things by their keys. Requests that arrive while a statement is at work share the
 * next one: those for the same key one place in it, and different keys one statement. So what a read
 * costs the database does not grow with the number of those who ask, and nobody's storm keeps
 * others waiting for longer than a statement. Where it is many keys that one group asks for, groups take
 * turns within a statement.
 *
 * No answer is older than its request: a key is never read for a request by a statement that had
 * begun before that came.
 */
export class CoalescedReads<K, V> {
  readonly #load: Load<K, V>
  readonly #bounds: CoalescedBounds
  readonly #semaphore: Semaphore
  readonly #gathered = new Gathered<K, V>()
  readonly #unanswered = new CountsByGroup()
  #atWork: Waiters<K, V> = new Map()
  #isWorking = false
  #deadline: NodeJS.Timeout | undefined

  /** @param semaphore - shared by kinds of reads that must not be at the database at the same time */
  constructor(load: Load<K, V>, bounds: CoalescedBounds, semaphore = new Semaphore(1)) {
    this.#load = load
    this.#bounds = bounds
    this.#semaphore = semaphore
  }

  /**
   * Gives what there is under the key, null where there is nothing. All who share a statement are
   * given the same object.
   *
   * @param isAbandoned - asked when the turn comes: true drops the request, nobody waits for it
   * @param group - whose request it is
   * @throws EngineError `overloaded` where too many wait, or the time was up before the statement
   *   had begun; `database_unavailable` where it was up later; else what the database's failure is
   */
  read(key: K, isAbandoned: () => boolean = () => false, group: Group = null): Promise<V | null> {
    if (!this.#unanswered.hasRoomFor(group, this.#bounds.maxWaiting)) {
      return Promise.reject(OVERLOADED)
    }
    return new Promise((resolve, reject) => {
      const arrivedAt = performance.now()
      const waiter = { group, isAbandoned, arrivedAt, resolve, reject, isSettled: false }
      this.#gathered.add(key, waiter)
      this.#unanswered.add(group)
      this.#deadline ??= setTimeout(() => void this.#giveUpLate(), this.#bounds.timeoutMs)
      this.#startSoon()
    })
  }

  /** Starts once the requests that this turn of the event loop reads have all arrived. */
  #startSoon(): void {
    if (this.#isWorking) return
    this.#isWorking = true
    setImmediate(() => void this.#work())
  }

  async #work(): Promise<void> {
    while (!this.#gathered.isEmpty) {
      const results = await this.#semaphore.run(() => this.#readGathered())
      const answered = this.#atWork
      this.#atWork = new Map()
      await this.#answer(answered, results)
    }
    this.#isWorking = false
  }

  #readGathered(): Promise<Map<K, Loaded<V>>> {
    this.#atWork = this.#gathered.take(this.#bounds.maxKeys, (waiter) => this.#isWaiting(waiter))
    return loadApart(this.#load, [...this.#atWork.keys()])
  }

  #isWaiting(waiter: Waiter<V>): boolean {
    if (!waiter.isSettled && waiter.isAbandoned()) this.#settle(waiter, { error: OVERLOADED })
    return !waiter.isSettled
  }

  #answer(waiters: Waiters<K, V>, results: ReadonlyMap<K, Loaded<V>>): Promise<void> {
    // Many who want the same keep nobody waiting who wants something else.
    const fewFirst = [...waiters].sort(([, some], [, others]) => some.length - others.length)
    const answers = fewFirst.flatMap(([key, ofKey]) => {
      const loaded = results.get(key) ?? { value: null }
      return ofKey.map((waiter) => ({ waiter, loaded }))
    })
    return settleInTurns(answers, ({ waiter, loaded }) => {
      this.#settle(waiter, loaded)
    })
  }

  #settle(waiter: Waiter<V>, loaded: Loaded<V>): void {
    if (waiter.isSettled) return
    waiter.isSettled = true
    this.#tell(waiter, loaded)
  }

  #tell(waiter: Waiter<V>, loaded: Loaded<V>): void {
    this.#unanswered.remove(waiter.group)
    if (this.#unanswered.all === 0) {
      clearTimeout(this.#deadline)
      this.#deadline = undefined
    }
    if ('error' in loaded) waiter.reject(loaded.error)
    else waiter.resolve(loaded.value)
  }

  readonly #giveUpLate = async (): Promise<void> => {
    const { timeoutMs } = this.#bounds
    const latest = performance.now() - timeoutMs
    const late = [
      ...this.#gathered.late(latest).map((waiter) => ({ waiter, error: OVERLOADED })),
      ...lateOf(this.#atWork, latest).map((waiter) => ({ waiter, error: UNAVAILABLE })),
    ]
    // What is decided now is read no more, however long it takes to tell all of them.
    for (const { waiter } of late) waiter.isSettled = true
    await settleInTurns(late, ({ waiter, error }) => {
      this.#tell(waiter, { error })
    })
    if (this.#unanswered.all === 0) return
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => void this.#giveUpLate(), timeoutMs / 10)
  }
}
