import type { BACKGROUND } from './sizes.ts'

/** What the observer is asked to do beside the events of the scenario. */
export interface WatchJob {
  readonly port: number
  readonly background: typeof BACKGROUND
  readonly eventIds: readonly number[]
  /** Makes user ids unique. */
  readonly userPrefix: string
}

/** In this order, each once. */
export type WatchQuestion =
  | { readonly type: 'start'; readonly job: WatchJob }
  | { readonly type: 'measure' }
  | { readonly type: 'stop' }

/** How requests of one kind were answered while it was measured. */
export interface Watched {
  /** Answers by status; with the text of the error where it was not 2xx. */
  readonly answers: Readonly<Record<string, number>>
  /** Requests whose connection broke. */
  readonly lost: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface WatchResult {
  readonly background: Watched
  readonly liveness: Watched
  readonly seconds: number
  /** Of one core: what the observer took from the others. */
  readonly cpuShare: number
}
