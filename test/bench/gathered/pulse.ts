import { createHistogram } from 'node:perf_hooks'
import { bodyOf } from '../load/answer.ts'
import { Client } from '../load/client.ts'
import type { Watched } from './watch-job.ts'

/** The answers to several pulses. */
export class Tally {
  // Microseconds.
  readonly #latencies = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 })
  #answers: Record<string, number> = {}
  #lost = 0

  record(latencyMs: number): void {
    this.#latencies.record(Math.max(1, Math.round(latencyMs * 1000)))
  }

  count(answer: string): void {
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1
  }

  lose(): void {
    this.#lost += 1
  }

  reset(): void {
    this.#latencies.reset()
    this.#answers = {}
    this.#lost = 0
  }

  result(): Watched {
    const inMs = (percentile: number): number => this.#latencies.percentile(percentile) / 1000
    return {
      answers: this.#answers,
      lost: this.#lost,
      medianMs: inMs(50),
      p99Ms: inMs(99),
      maxMs: this.#latencies.max / 1000,
    }
  }
}

/**
 * Sends a request on a connection of its own whenever one is due. While an answer is late nothing
 * is sent, but those that were due count as late, too: otherwise a stall of seconds in which
 * everybody waits would be one late answer a connection, and no percentile would show it.
 */
export class Pulse {
  readonly #client: Client
  readonly #periodMs: number
  readonly #request: () => string
  readonly #tally: Tally
  #dueAt = 0
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(port: number, periodMs: number, request: () => string, tally: Tally) {
    this.#periodMs = periodMs
    this.#request = request
    this.#tally = tally
    this.#client = new Client(port, { onAnswer: this.#onAnswer, onLost: this.#onLost })
  }

  async start(): Promise<void> {
    await this.#client.connected()
    // Spread over a period, so that they don't beat together.
    this.#dueAt = performance.now() + Math.random() * this.#periodMs
    this.#schedule()
  }

  /** An answer that is still due is recorded as if it came now. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    if (this.#client.sentAt !== null) this.#recordUntil(performance.now())
    this.#client.close()
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#client.send(this.#request(), performance.now())
    }, this.#dueAt - performance.now())
  }

  readonly #onAnswer = (client: Client, status: number, answer: Buffer): void => {
    client.sentAt = null
    this.#tally.count(status < 300 ? String(status) : `${status} ${bodyOf(answer)}`)
    this.#recordUntil(performance.now())
    if (!this.#isStopped) this.#schedule()
  }

  readonly #onLost = (): void => {
    if (!this.#isStopped) this.#tally.lose()
  }

  #recordUntil(now: number): void {
    do {
      this.#tally.record(now - this.#dueAt)
      this.#dueAt += this.#periodMs
    } while (this.#dueAt < now)
  }
}
