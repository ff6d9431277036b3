import { setTimeout as sleep } from 'node:timers/promises'

/** A moment after which a piece of work gives up. The clock is monotonic. */
export interface Deadline {
  /** Milliseconds left, at least 1 so that it also serves where 0 would mean "no limit". */
  remainingMs(): number
  passed(): boolean
}

/** The deadline that lies `durationMs` milliseconds ahead. */
export function deadlineIn(durationMs: number): Deadline {
  const end = performance.now() + durationMs
  return {
    remainingMs: () => Math.max(1, Math.ceil(end - performance.now())),
    passed: () => performance.now() >= end,
  }
}

/**
 * Asks `condition` every `everyMs` milliseconds until it holds.
 * @returns whether it came to hold before the deadline
 */
export async function waitUntil(
  condition: () => Promise<boolean>,
  deadline: Deadline,
  everyMs = 25,
): Promise<boolean> {
  while (!(await condition())) {
    if (deadline.passed()) return false
    await sleep(everyMs)
  }
  return true
}
