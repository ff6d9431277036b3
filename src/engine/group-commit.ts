import { Deadline } from './deadline.ts'
import { FairQueues } from './fair-queues.ts'
import type { GroupCommitOptions, LockMode } from './group-commit-options.ts'
import type { Group } from './groups.ts'
import { settleInTurns } from './in-turns.ts'
import { releaseShares } from './release-shares.ts'
import type { CommandTrace } from './traces.ts'
import { runShares, type Entry, type EntryBatch, type Results } from './run-shares.ts'

export type * from './group-commit-options.ts'

/**
 * Group commit: while batches are at work, the commands that arrive wait in memory; the next
 * batch takes what has gathered. No timer gathers them, so a lone command waits for nobody.
 * Knows neither SQL nor the rules.
 */
export class GroupCommit<C, R> {
  readonly #options: GroupCommitOptions<C, R>
  readonly #queues: FairQueues<Entry<C, R>>
  readonly #deadline: Deadline<C, R>
  readonly #atWork: Record<LockMode, Set<EntryBatch<C, R>>> = { skip: new Set(), wait: new Set() }
  readonly #whenIdle: (() => void)[] = []
  #isClosing = false
  #pumpIsDue = false
  #answering = 0

  constructor(options: GroupCommitOptions<C, R>) {
    this.#options = options
    const { isHeavy = () => false, isRequest = () => true, bounds } = options
    this.#queues = new FairQueues({
      places: { skip: bounds.lanes, wait: bounds.lockWaiters },
      maxBatchSize: bounds.maxBatchSize,
      isHeavy: ({ command }) => isHeavy(command),
      isRequest: ({ command }) => isRequest(command),
    })
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
   * @param trace - told of each batch that the command comes into
   * @throws what `errors` makes, at once where a queue is full; what `run` reports for the command
   */
  submit(command: C, isAbandoned: () => boolean = () => false, trace?: CommandTrace): Promise<R> {
    const { keyOf, groupOf } = this.#options
    const key = keyOf(command)
    const group = groupOf?.(command) ?? null
    const refusal = this.#refusalFor(group, key)
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      const arrivedAt = performance.now()
      const states = { wasDeferred: false, isGivenUp: false }
      const entry = { command, isAbandoned, trace, arrivedAt, resolve, reject, ...states }
      this.#queues.add(group, key, entry)
      this.#pumpSoon()
      this.#deadline.start()
    })
  }

  /** Commands that wait; those of batches at work are not among them. */
  get queueLength(): number {
    return this.#queues.length
  }

  /** Takes no more commands; settles when every accepted one has its answer. */
  close(): Promise<void> {
    this.#isClosing = true
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve)
      this.#settleIfIdle()
    })
  }

  #refusalFor(group: Group, key: number): Error | undefined {
    const { bounds, errors } = this.#options
    if (this.#isClosing) return errors.closing()
    const isFull =
      !this.#queues.hasRoomFor(group, bounds.maxQueueLength) ||
      this.#queues.lengthOf(group, key) >= bounds.maxQueueLengthPerKey
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
    const { lanes, lockWaiters } = this.#options.bounds
    this.#startBatches('skip', lanes)
    this.#startBatches('wait', lockWaiters)
    this.#settleIfIdle()
  }

  #startBatches(mode: LockMode, maxAtWork: number): void {
    while (this.#atWork[mode].size < maxAtWork) {
      const batch = this.#queues.take(mode)
      if (batch === undefined) return
      void this.#work(batch)
    }
  }

  async #work(batch: EntryBatch<C, R>): Promise<void> {
    const atWork = this.#atWork[batch.mode]
    atWork.add(batch)
    const results = await runShares(batch, this.#queues, this.#options)
    releaseShares(batch, results, this.#queues, this.#deadline, this.#options.errors)
    this.#answering += 1
    atWork.delete(batch)
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
    const batches = [...this.#atWork.skip, ...this.#atWork.wait]
    return batches.flatMap(({ shares }) => shares.flatMap(({ entries }) => entries))
  }

  #settleIfIdle(): void {
    if (!this.#isClosing || this.#answering > 0 || this.#queues.length > 0) return
    if (this.#atWork.skip.size > 0 || this.#atWork.wait.size > 0) return
    this.#deadline.stop()
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
