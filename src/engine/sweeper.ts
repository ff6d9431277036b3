import type { AskedEvent } from '../domain/commands.ts'
import { Chores, type Chore } from './chores.ts'

export interface SweeperOptions<Name extends string> {
  readonly intervalMs: number
  /** The events that are to be settled now: a bounded number of them. */
  readonly find: () => Promise<readonly AskedEvent[]>
  readonly settle: (event: AskedEvent) => Promise<void>
  /** Removes a piece of the events that are deleted. */
  readonly purge: Chore
  /** What is to be done now and then: a piece of each in a round, while something is left of it. */
  readonly chores: Readonly<Record<Name, Chore>>
  readonly choreIntervalMs: number
  /** `isNews` where that job went well the last time. */
  readonly onError: (job: Job<Name>, error: unknown, isNews: boolean) => void
}

/** How much sooner a round may come, so that many instances do not look all at once. */
const JITTER = 0.2

type Job<Name extends string> = 'look' | 'settle' | 'purge' | Name

/**
 * Looks for what has gathered again and again, and has it dealt with: events to be settled, deleted
 * events, and the chores. Nothing keeps the others waiting: an event that is slow to settle is left
 * alone until it is done, and so is any other job.
 */
export class Sweeper<Name extends string> {
  readonly #options: SweeperOptions<Name>
  readonly #chores: Chores<Name>
  readonly #settling = new Map<number, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #purging: Promise<void> | undefined
  #isStopped = false
  readonly #failing = new Set<Job<Name>>()

  constructor(options: SweeperOptions<Name>) {
    this.#options = options
    this.#chores = new Chores({
      chores: options.chores,
      intervalMs: options.choreIntervalMs,
      onDone: (name) => {
        this.#failing.delete(name)
      },
      onError: (name, error) => {
        this.#fail(name, error)
      },
    })
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
    await Promise.all([...this.#settling.values(), this.#purging, this.#chores.idle()])
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
      this.#chores.begin()
      for (const event of await this.#options.find()) this.#settle(event)
      this.#failing.delete('look')
    } catch (error) {
      this.#fail('look', error)
    }
  }

  #settle(event: AskedEvent): void {
    const { id: eventId } = event
    if (this.#isStopped || this.#settling.has(eventId)) return
    const settling: Promise<void> = this.#options
      .settle(event)
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

  #fail(job: Job<Name>, error: unknown): void {
    this.#options.onError(job, error, !this.#failing.has(job))
    this.#failing.add(job)
  }
}
