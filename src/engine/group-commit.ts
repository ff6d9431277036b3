import { Deadline } from './deadline.ts'
import type { GroupCommitOptions, LockMode } from './group-commit-options.ts'
import { settleInTurns } from './in-turns.ts'
import { KeyQueues } from './key-queues.ts'
import { releaseShares } from './release-shares.ts'
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
  readonly #deadline: Deadline<C, R>
  readonly #atWork: Record<LockMode, Set<Shares<C, R>>> = { skip: new Set(), wait: new Set() }
  readonly #whenIdle: (() => void)[] = []
  #isClosing = false
  #pumpIsDue = false
  #answering = 0

  constructor(options: GroupCommitOptions<C, R>) {
    this.#options = options
    const { isHeavy = () => false } = options
    this.#queues = new KeyQueues(({ command }) => isHeavy(command))
    this.#deadline = new Deadline(options, {
      queues: this.#queues,
      atWork: () => this.#entriesAtWork(),
      onLooked: () => {
        this.#settleIfIdle()
      },
    })
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
      this.#deadline.start()
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
    releaseShares({ shares, mode, results }, this.#queues, this.#deadline, this.#options.errors)
    this.#answering += 1
    this.#atWork[mode].delete(shares)
    this.#pump()
    await this.#answer(results)
    this.#answering -= 1
    this.#settleIfIdle()
  }

  #answer(results: Results<C, R>): Promise<void> {
    return settleInTurns(results, ([entry, result]) => {
      if (result.status === 'done') entry.resolve(result.value)
      if (result.status === 'failed') entry.reject(result.error)
    })
  }

  #entriesAtWork(): Entry<C, R>[] {
    const shares = [...this.#atWork.skip, ...this.#atWork.wait].flat()
    return shares.flatMap(({ entries }) => entries)
  }

  #settleIfIdle(): void {
    if (!this.#isClosing || this.#answering > 0 || this.#queues.length > 0) return
    if (this.#atWork.skip.size > 0 || this.#atWork.wait.size > 0) return
    this.#deadline.stop()
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
