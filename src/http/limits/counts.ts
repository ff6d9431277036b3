import { Newest } from '../../engine/newest.ts'

/** How often something has been counted in the window that is running, and how long that still is. */
export interface Count {
  readonly count: number
  readonly msLeft: number
}

/** The length of every window: limits are given for a minute. */
export const WINDOW_MS = 60_000

/** Beyond that who has not been counted for longest is forgotten. */
const MAX_KEYS = 10_000

interface Window {
  count: number
  readonly endsAtMs: number
}

/**
 * Counts by key, in this process, in windows that begin with the first count. Bounded: 10,000 keys,
 * about 1 MB.
 */
export class Counts {
  readonly #windows = new Newest<string, Window>(MAX_KEYS)
  readonly #now: () => number

  /** @param now - a clock that never goes back, in milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** Counts once more. */
  add(key: string): Count {
    const nowMs = this.#now()
    const known = this.#windows.get(key)
    const isOver = known === undefined || known.endsAtMs <= nowMs
    const window = isOver ? { count: 0, endsAtMs: nowMs + WINDOW_MS } : known
    window.count += 1
    this.#windows.set(key, window)
    // The sum is rounded: the difference may be longer by a fraction that would make a second more.
    return { count: window.count, msLeft: Math.min(window.endsAtMs - nowMs, WINDOW_MS) }
  }
}
