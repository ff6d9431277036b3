import type { BatchResult, GroupCommitOptions, LockMode } from './group-commit-options.ts'
import { settleInTurns } from './in-turns.ts'
import { KeyQueues, type KeyQueue } from './key-queues.ts'
import { runShares, type Entry, type Results, type Shares } from './run-shares.ts'

export type {
  BatchObservation,
  BatchResult,
  GroupCommitBounds,
  GroupCommitErrors,
  GroupCommitOptions,
  LockMode,
  RunBatch,
} from './group-commit-options.ts'

/**
 * Group commit: while batches are at work, the commands that arrive wait in memory; the next
 * batch takes what has gathered. No timer gathers them, so a lone command waits for nobody.
 * Knows neither SQL nor the rules.
 */
export class GroupCommit<C, R> {
  readonly #options: GroupCommitOptions<C, R>
  readonly #queues: KeyQueues<Entry<C, R>>
  readonly #atWork: Record<LockMode, Set<Shares<C, R>>> = { skip: new Set(), wait: new Set() }
  readonly #whenIdle: (() => void)[] = []
  #isClosing = false
  #pumpIsDue = false
  #answering = 0
  #deadline: NodeJS.Timeout | undefined

  constructor(options: GroupCommitOptions<C, R>) {
    this.#options = options
    const { isHeavy = () => false } = options
    this.#queues = new KeyQueues(({ command }) => isHeavy(command))
  }

  /**
   * Queues a command and settles with its result.
   *
   * @param isAbandoned - asked when the command's turn comes: true drops it, nobody waits for it
   * @throws what `errors` makes, at once where a queue is full; what `run` reports for the command
   */
  submit(command: C, isAbandoned: () => boolean = () => false): Promise<R> {
    const key = this.#options.keyOf(command)
    const refusal = this.#refusalFor(key)
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      const arrivedAt = performance.now()
      const states = { wasDeferred: false, isGivenUp: false }
      this.#queues.add(key, { command, isAbandoned, arrivedAt, resolve, reject, ...states })
      this.#pumpSoon()
      this.#deadline ??= setTimeout(this.#giveUpLate, this.#options.bounds.commandTimeoutMs)
    })
  }

  /** Takes no more commands; settles when every accepted one has its answer. */
  close(): Promise<void> {
    this.#isClosing = true
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve)
      this.#settleIfIdle()
    })
  }

  #refusalFor(key: number): Error | undefined {
    const { bounds, errors } = this.#options
    if (this.#isClosing) return errors.closing()
    const isFull =
      this.#queues.length >= bounds.maxQueueLength ||
      this.#queues.lengthOf(key) >= bounds.maxQueueLengthPerKey
    return isFull ? errors.overloaded() : undefined
  }

  /** Starts batches once the requests that this turn of the event loop reads have all arrived. */
  #pumpSoon(): void {
    if (this.#pumpIsDue) return
    this.#pumpIsDue = true
    setImmediate(() => {
      this.#pumpIsDue = false
      this.#pump()
    })
  }

  #pump(): void {
    const { lanes, lockWaiters, maxBatchSize } = this.#options.bounds
    this.#startBatches('skip', lanes, () => this.#queues.takeReady(maxBatchSize))
    this.#startBatches('wait', lockWaiters, () => this.#queues.takeContended(maxBatchSize))
    this.#settleIfIdle()
  }

  #startBatches(mode: LockMode, maxAtWork: number, take: () => Shares<C, R>): void {
    while (this.#atWork[mode].size < maxAtWork) {
      const shares = take()
      if (shares.length === 0) return
      void this.#work(shares, mode)
    }
  }

  async #work(shares: Shares<C, R>, mode: LockMode): Promise<void> {
    this.#atWork[mode].add(shares)
    const results = await runShares(shares, mode, this.#queues, this.#options)
    const allLocked = [...results.values()].every(({ status }) => status === 'locked')
    for (const { queue, entries } of shares) {
      const undecided = entries.filter((entry) => !isDecided(results.get(entry)))
      const isLocked = undecided.some((entry) => results.get(entry)?.status === 'locked')
      if (mode === 'wait' && isLocked) this.#rejectLocked(queue, undecided)
      else this.#putBack(queue, undecided, results, { isLocked, wait: allLocked })
    }
    this.#answering += 1
    this.#atWork[mode].delete(shares)
    this.#pump()
    await this.#answer(results)
    this.#answering -= 1
    this.#settleIfIdle()
  }

  /** Queues again what a batch did not decide, but for what its caller does not wait for any more. */
  #putBack(
    queue: KeyQueue<Entry<C, R>>,
    undecided: readonly Entry<C, R>[],
    results: Results<C, R>,
    lock: { isLocked: boolean; wait: boolean },
  ): void {
    const latest = performance.now() - this.#options.bounds.commandTimeoutMs
    const returned: Entry<C, R>[] = []
    const deferred: Entry<C, R>[] = []
    for (const entry of undecided) {
      const isDeferred = results.get(entry)?.status === 'later'
      entry.wasDeferred ||= isDeferred
      if (entry.isGivenUp) continue
      // Certainly nothing has happened, which is worth more than `outcomeUnknown` a moment later.
      if (isDeferred && entry.arrivedAt <= latest) this.#giveUp(entry, 'notStarted')
      // Those that were put off before go back among their like, which are in order of arrival.
      else (entry.wasDeferred ? deferred : returned).push(entry)
    }
    this.#queues.release(queue, { returned, deferred, ...lock })
  }

  #answer(results: Results<C, R>): Promise<void> {
    return settleInTurns(results, ([entry, result]) => {
      if (result.status === 'done') entry.resolve(result.value)
      if (result.status === 'failed') entry.reject(result.error)
    })
  }

  /** What came after the batch has waited for the same lock: it would wait as long again. */
  #rejectLocked(queue: KeyQueue<Entry<C, R>>, locked: readonly Entry<C, R>[]): void {
    const alsoWaiting = this.#queues.removeAll(queue)
    this.#queues.release(queue)
    for (const { reject } of [...locked, ...alsoWaiting]) reject(this.#options.errors.keyLocked())
  }

  readonly #giveUpLate = (): void => {
    const { commandTimeoutMs } = this.#options.bounds
    const intervalMs = commandTimeoutMs / 10
    const latest = performance.now() - commandTimeoutMs
    for (const entry of this.#queues.removeWhile(({ arrivedAt }) => arrivedAt <= latest)) {
      this.#giveUp(entry, 'notStarted')
    }
    // One that was put off before is told what became of it by its batch, if that ends soon.
    const isLate = ({ arrivedAt, wasDeferred }: Entry<C, R>): boolean =>
      arrivedAt <= (wasDeferred ? latest - intervalMs : latest)
    for (const entry of this.#entriesAtWork().filter(isLate)) this.#giveUp(entry, 'outcomeUnknown')
    const isIdle = this.#queues.length === 0 && this.#entriesAtWork().length === 0
    this.#deadline = isIdle ? undefined : setTimeout(this.#giveUpLate, intervalMs)
    this.#settleIfIdle()
  }

  #giveUp(entry: Entry<C, R>, why: 'notStarted' | 'outcomeUnknown'): void {
    entry.isGivenUp = true
    entry.reject(this.#options.errors[why]())
  }

  #entriesAtWork(): Entry<C, R>[] {
    const shares = [...this.#atWork.skip, ...this.#atWork.wait].flat()
    return shares.flatMap(({ entries }) => entries)
  }

  #settleIfIdle(): void {
    if (!this.#isClosing || this.#answering > 0 || this.#queues.length > 0) return
    if (this.#atWork.skip.size > 0 || this.#atWork.wait.size > 0) return
    clearTimeout(this.#deadline)
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}

function isDecided(result: BatchResult<unknown> | undefined): boolean {
  return result?.status === 'done' || result?.status === 'failed'
}
