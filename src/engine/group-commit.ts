import { setImmediate as nextTurn } from 'node:timers/promises'
import { KeyQueues, type KeyQueue, type Share } from './key-queues.ts'

/** How a batch treats a key that another session holds locked: pass it over, or wait for it. */
export type LockMode = 'skip' | 'wait'

export type BatchResult<R> =
  | { readonly status: 'done'; readonly value: R }
  | { readonly status: 'failed'; readonly error: Error }
  /** The command's key was locked by another session: nothing was decided. */
  | { readonly status: 'locked' }
  /** The command has to be decided after another one of this batch: it comes into the next. */
  | { readonly status: 'again' }

/** What can be seen of one batch. Metrics and traces hang here. */
export interface BatchObservation {
  readonly mode: LockMode
  readonly size: number
  readonly keys: number
  /** Commands left waiting in the queues when the batch was taken. */
  readonly queued: number
  /** How long the batch's first command had waited when the batch was taken. */
  readonly waitedMs: number
  readonly tookMs: number
}

/**
 * Carries a batch out: one result for each command, in order. A rejection fails them all.
 *
 * @param more - gives what has come for the batch's keys since, to be carried out with it: worth
 *   asking when the locks are had, which may have taken a while. Results for these come last.
 */
export type RunBatch<C, R> = (
  commands: readonly C[],
  mode: LockMode,
  more: () => readonly C[],
) => Promise<readonly BatchResult<R>[]>

export interface GroupCommitOptions<C, R> {
  /** Commands of one key are decided in their order of arrival, never in two batches at once. */
  readonly keyOf: (command: C) => number
  readonly run: RunBatch<C, R>
  readonly bounds: GroupCommitBounds
  readonly errors: GroupCommitErrors
  readonly observe?: (batch: BatchObservation) => void
}

export interface GroupCommitBounds {
  /** Batches at work at once. */
  readonly lanes: number
  /** Batches at once, beside the lanes, that wait for a key which another session holds locked. */
  readonly lockWaiters: number
  /** Commands in one batch. */
  readonly maxBatchSize: number
  /** Commands that wait, over all keys. */
  readonly maxQueueLength: number
  /** Commands that wait for one key, so that a stormed key leaves room for the others. */
  readonly maxQueueLengthPerKey: number
  /** How long a command may take, waiting included, until it is given up. */
  readonly commandTimeoutMs: number
}

export interface GroupCommitErrors {
  readonly overloaded: () => Error
  /** The key stayed locked as long as a batch may wait for it. */
  readonly keyLocked: () => Error
  /** The time was up before the command was taken into a batch: nothing happened. */
  readonly notStarted: () => Error
  /** The time was up while the command's batch was at work: it may or may not take effect. */
  readonly outcomeUnknown: () => Error
  readonly closing: () => Error
}

interface Entry<C, R> {
  readonly command: C
  readonly isAbandoned: () => boolean
  readonly arrivedAt: number
  readonly resolve: (value: R) => void
  readonly reject: (error: Error) => void
}

/** Commands that are answered in one turn of the event loop, at the most. */
const ANSWERS_PER_TURN = 16

type Shares<C, R> = readonly Share<Entry<C, R>>[]

/**
 * Group commit: while batches are at work, the commands that arrive wait in memory; the next
 * batch takes what has gathered. No timer gathers them, so a lone command waits for nobody.
 * Knows neither SQL nor the rules.
 */
export class GroupCommit<C, R> {
  readonly #options: GroupCommitOptions<C, R>
  readonly #queues = new KeyQueues<Entry<C, R>>()
  readonly #atWork: Record<LockMode, Set<Shares<C, R>>> = { skip: new Set(), wait: new Set() }
  readonly #whenIdle: (() => void)[] = []
  #isClosing = false
  #pumpIsDue = false
  #answering = 0
  #deadline: NodeJS.Timeout | undefined

  constructor(options: GroupCommitOptions<C, R>) {
    this.#options = options
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
      this.#queues.add(key, { command, isAbandoned, arrivedAt, resolve, reject })
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
    const results = await this.#run(shares, mode)
    const allLocked = [...results.values()].every(({ status }) => status === 'locked')
    for (const { queue, entries } of shares) {
      const undecided = entries.filter((entry) => !isDecided(results.get(entry)))
      const isLocked = undecided.some((entry) => results.get(entry)?.status === 'locked')
      if (mode === 'wait' && isLocked) this.#rejectLocked(queue, undecided)
      else this.#queues.release(queue, undecided, { isLocked, wait: allLocked })
    }
    this.#answering += 1
    this.#atWork[mode].delete(shares)
    this.#pump()
    await this.#answer(results)
    this.#answering -= 1
    this.#settleIfIdle()
  }

  /**
   * Settles commands a few at a time: what an answer sets off (serializing, writing to a socket)
   * would otherwise hold up every round trip of the next batch until the last one is sent.
   */
  async #answer(results: ReadonlyMap<Entry<C, R>, BatchResult<R>>): Promise<void> {
    let settled = 0
    for (const [entry, result] of results) {
      if (result.status === 'done') entry.resolve(result.value)
      if (result.status === 'failed') entry.reject(result.error)
      settled += 1
      if (settled % ANSWERS_PER_TURN === 0) await nextTurn()
    }
  }

  /** Runs the batch without the commands that nobody waits for; never rejects. */
  async #run(shares: Shares<C, R>, mode: LockMode): Promise<Map<Entry<C, R>, BatchResult<R>>> {
    const results = new Map<Entry<C, R>, BatchResult<R>>()
    const entries: Entry<C, R>[] = []
    const include = (some: readonly Entry<C, R>[]): C[] => {
      const wanted = some.filter((entry) => {
        if (!entry.isAbandoned()) return true
        results.set(entry, failed(this.#options.errors.notStarted()))
        return false
      })
      entries.push(...wanted)
      return wanted.map(({ command }) => command)
    }
    const commands = include(shares.flatMap((share) => share.entries))
    // `run` knows of no other keys than those of the commands that it began with.
    const begun = shares.filter((share) => share.entries.some((entry) => !results.has(entry)))
    const first = entries[0]
    if (first === undefined) return results
    const startedAt = performance.now()
    const batch = await this.#options
      .run(commands, mode, () => include(this.#topUp(begun, entries.length)))
      .catch((error: unknown) => entries.map(() => failed(error)))
    entries.forEach((entry, i) => {
      results.set(entry, batch[i] ?? failed(new Error('a batch gave too few results')))
    })
    this.#options.observe?.({
      mode,
      size: entries.length,
      keys: shares.length,
      queued: this.#queues.length,
      waitedMs: startedAt - first.arrivedAt,
      tookMs: performance.now() - startedAt,
    })
    return results
  }

  #topUp(shares: Shares<C, R>, size: number): Entry<C, R>[] {
    let room = Math.max(0, this.#options.bounds.maxBatchSize - size)
    return shares.flatMap((share) => {
      const added = this.#queues.topUp(share, room)
      room -= added.length
      return added
    })
  }

  /** What came after the batch has waited for the same lock: it would wait as long again. */
  #rejectLocked(queue: KeyQueue<Entry<C, R>>, locked: readonly Entry<C, R>[]): void {
    const alsoWaiting = this.#queues.removeAll(queue)
    this.#queues.release(queue)
    for (const { reject } of [...locked, ...alsoWaiting]) reject(this.#options.errors.keyLocked())
  }

  readonly #giveUpLate = (): void => {
    const { bounds, errors } = this.#options
    const latest = performance.now() - bounds.commandTimeoutMs
    const isLate = ({ arrivedAt }: Entry<C, R>): boolean => arrivedAt <= latest
    for (const entry of this.#queues.removeWhile(isLate)) entry.reject(errors.notStarted())
    for (const entry of this.#entriesAtWork().filter(isLate)) entry.reject(errors.outcomeUnknown())
    const isIdle = this.#queues.length === 0 && this.#entriesAtWork().length === 0
    this.#deadline = isIdle ? undefined : setTimeout(this.#giveUpLate, bounds.commandTimeoutMs / 10)
    this.#settleIfIdle()
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

function failed(error: unknown): BatchResult<never> {
  return { status: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
}
