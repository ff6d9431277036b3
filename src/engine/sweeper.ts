export interface SweeperOptions {
  readonly intervalMs: number
  /** The events that have expired holds now: a bounded number of them. */
  readonly find: () => Promise<readonly number[]>
  readonly sweep: (eventId: number) => Promise<void>
  /** Drops what need not be remembered any longer. */
  readonly prune: () => Promise<{ isDone: boolean }>
  /** `isNews` where the last round went well. */
  readonly onError: (error: unknown, isNews: boolean) => void
}

/** How much sooner a round may come, so that many instances do not look all at once. */
const JITTER = 0.2
const PRUNE_INTERVAL_MS = 60_000

/**
 * Looks for events with expired holds again and again, and has them swept. An event that is slow
 * to sweep does not keep the others waiting: it is left alone until it is done.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  readonly #sweeping = new Map<number, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #isStopped = false
  #isFailing = false
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
    await Promise.all(this.#sweeping.values())
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
      for (const eventId of await this.#options.find()) this.#sweep(eventId)
      await this.#pruneNowAndThen()
      this.#isFailing = false
    } catch (error) {
      this.#fail(error)
    }
  }

  #sweep(eventId: number): void {
    if (this.#isStopped || this.#sweeping.has(eventId)) return
    const sweeping = this.#options
      .sweep(eventId)
      .catch((error: unknown) => {
        this.#fail(error)
      })
      .finally(() => this.#sweeping.delete(eventId))
    this.#sweeping.set(eventId, sweeping)
  }

  async #pruneNowAndThen(): Promise<void> {
    const now = performance.now()
    if (this.#isStopped || now - this.#lastPruneMs < PRUNE_INTERVAL_MS) return
    this.#lastPruneMs = now
    const { isDone } = await this.#options.prune()
    // Where more was left than one pruning takes, the next round goes on.
    if (!isDone) this.#lastPruneMs = -Infinity
  }

  #fail(error: unknown): void {
    this.#options.onError(error, !this.#isFailing)
    this.#isFailing = true
  }
}
