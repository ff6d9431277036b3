/** What has gathered on the four events of the scenario when its instant comes. */
export interface Sizes {
  /** Holds on event A, which fill it and expire together. */
  readonly expiring: number
  /** The same on event B. */
  readonly filling: number
  /** Entries in line at event C, of one seat each. */
  readonly waiting: number
  /** Bookings of event D. */
  readonly deleted: number
}

const FULL_SIZES: Sizes = {
  expiring: 300_000,
  filling: 200_000,
  waiting: 200_000,
  deleted: 2_000_000,
}

/** Confirmed bookings that fill event C before its capacity is raised. */
export const CONFIRMED = 1000

/** What goes on elsewhere meanwhile: a steady rate, which no stall can slow down unnoticed. */
export const BACKGROUND = {
  events: 200,
  clients: 24,
  /** Each client sends a request as often, or as soon as the one before is answered. */
  periodMs: 20,
  livenessPeriodMs: 25,
} as const

export const WARM_UP_MS = 10_000
export const FINISH_LIMIT_S = 150
export const FIRST_ANSWER_LIMIT_MS = 5000
export const DELETE_LIMIT_MS = 2000
export const BACKGROUND_P99_LIMIT_MS = 500
export const LIVENESS_P99_LIMIT_MS = 200
/** The settings' defaults: 500 holds, 500 entries in line, and 512 commands. */
export const COMMIT_LIMIT = 1512

/** @param scale - 1 is the full size */
export function sizesOf(scale: number): Sizes {
  const scaled = (size: number): number => Math.max(1, Math.round(size * scale))
  return {
    expiring: scaled(FULL_SIZES.expiring),
    filling: scaled(FULL_SIZES.filling),
    waiting: scaled(FULL_SIZES.waiting),
    deleted: scaled(FULL_SIZES.deleted),
  }
}
