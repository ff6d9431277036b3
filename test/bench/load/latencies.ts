import { createHistogram } from 'node:perf_hooks'
import type { Latencies } from './job.ts'

/** Latencies of requests, to three digits. */
export class LatencyTally {
  // Microseconds.
  readonly #histogram = createHistogram({ lowest: 1, highest: 120_000_000, figures: 3 })

  get count(): number {
    return this.#histogram.count
  }

  record(latencyMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(latencyMs * 1000)))
  }

  result(): Latencies {
    const inMs = (percentile: number): number => this.#histogram.percentile(percentile) / 1000
    return { medianMs: inMs(50), p99Ms: inMs(99), maxMs: this.#histogram.max / 1000 }
  }
}
