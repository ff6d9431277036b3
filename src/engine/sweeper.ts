export interface SweeperOptions {
  readonly intervalMs: number
  /** The events that are to be settled now: a bounded number of them. */
  readonly find: () => Promise<readonly number[]>
  readonly settle: (eventId: number) => Promise<void>
  /** Removes a piece of the events that are deleted. */
  readonly purge: () => Promise<{ isDone: boolean }>
  /** Drops what need not be remembered any longer, a piece of it. */
  readonly prune: () => Promise<{ isDone: boolean }>
  /** `isNews` where that job went well the last time. */
  readonly onError: (error: unknown, isNews: boolean) => void
}

/** How much sooner a round may come, so that many instances do not look all at once. */
const JITTER = 0.2
const PRUNE_INTERVAL_MS = 60_000

type Job = 'look' | 'settle' | 'purge'

/**
 * Looks for what has gathered again and again, and has it dealt with: events to be settled, deleted
 * events, and rows whose time is over. Nothing keeps the others waiting: an event that is slow to
 * settle is left alone until it is done.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  readonly #settling = new Map<number, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #purging: Promise<void> | undefined
  #isStopped = false
  readonly #failing = new Set<Job>()
  #lastPruneMs = performance.now()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#isStopped || this.#timer !== undefined) return
    this.#schedule()
  }

  /** Settles when nothing of it is at work any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#round
    await Promise.all([...this.#settling.values(), this.#purging])
  }

  #schedule(): void {
    if (this.#isStopped) return
    const delayMs = this.#options.intervalMs * (1 - JITTER * Math.random())
    this.#timer = setTimeout(() => {
      this.#round = this.#look().finally(() => {
        this.#schedule()
      })
    }, delayMs)
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    try {
      this.#purging ??= this.#purge().finally(() => {
        this.#purging = undefined
      })
      for (const eventId of await this.#options.find()) this.#settle(eventId)
      await this.#pruneNowAndThen()
      this.#failing.delete('look')
    } catch (error) {
      this.#fail('look', error)
    }
  }

  #settle(eventId: number): void {
    if (this.#isStopped || this.#settling.has(eventId)) return
    const settling: Promise<void> = this.#options
      .settle(eventId)
      .then(
        () => this.#failing.delete('settle'),
        (error: unknown) => {
          this.#fail('settle', error)
        },
      )
      .then(() => {
        this.#settling.delete(eventId)
      })
    this.#settling.set(eventId, settling)
  }

  /** Piece after piece, until nothing is left. Never rejects. */
  async #purge(): Promise<void> {
    try {
      while (!this.#isStopped && !(await this.#options.purge()).isDone);
      this.#failing.delete('purge')
    } catch (error) {
      this.#fail('purge', error)
    }
  }

  async #pruneNowAndThen(): Promise<void> {
    const now = performance.now()
    if (this.#isStopped || now - this.#lastPruneMs < PRUNE_INTERVAL_MS) return
    this.#lastPruneMs = now
    const { isDone } = await this.#options.prune()
    // Where more was left than one pruning takes, the next round goes on.
    if (!isDone) this.#lastPruneMs = -Infinity
  }

  #fail(job: Job, error: unknown): void {
    this.#options.onError(error, !this.#failing.has(job))
    this.#failing.add(job)
  }
}
