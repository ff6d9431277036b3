import type { FairQueues } from './fair-queues.ts'
import type { GroupCommitOptions } from './group-commit-options.ts'
import type { Entry } from './run-shares.ts'

interface Watched<C, R> {
  readonly queues: FairQueues<Entry<C, R>>
  readonly atWork: () => readonly Entry<C, R>[]
  /** Called after each look at them. */
  readonly onLooked: () => void
}

/** Gives up the commands whose time is over: those that wait, and those of batches at work. */
export class Deadline<C, R> {
  readonly #options: GroupCommitOptions<C, R>
  readonly #watched: Watched<C, R>
  #timer: NodeJS.Timeout | undefined

  constructor(options: GroupCommitOptions<C, R>, watched: Watched<C, R>) {
    this.#options = options
    this.#watched = watched
  }

  /** Begins to look, now that there is a command; ends by itself where there is none any more. */
  start(): void {
    this.#timer ??= setTimeout(this.#giveUpLate, this.#options.bounds.commandTimeoutMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** The time of a command that arrived then, or before, is over. */
  latestArrival(): number {
    return performance.now() - this.#options.bounds.commandTimeoutMs
  }

  /** Tells the caller of a command why there is no result, and keeps it from other batches. */
  giveUp(entry: Entry<C, R>, why: 'notStarted' | 'outcomeUnknown'): void {
    entry.isGivenUp = true
    entry.reject(this.#options.errors[why]())
  }

  readonly #giveUpLate = (): void => {
    const { queues, atWork, onLooked } = this.#watched
    const intervalMs = this.#options.bounds.commandTimeoutMs / 10
    const latest = this.latestArrival()
    for (const entry of queues.removeWhile(({ arrivedAt }) => arrivedAt <= latest)) {
      this.giveUp(entry, 'notStarted')
    }
    // One that was put off before is told what became of it by its batch, if that ends soon.
    const isLate = ({ arrivedAt, wasDeferred }: Entry<C, R>): boolean =>
      arrivedAt <= (wasDeferred ? latest - intervalMs : latest)
    for (const entry of atWork().filter(isLate)) this.giveUp(entry, 'outcomeUnknown')
    const isIdle = queues.length === 0 && atWork().length === 0
    this.#timer = isIdle ? undefined : setTimeout(this.#giveUpLate, intervalMs)
    onLooked()
  }
}
