import type { LockMode } from './group-commit-options.ts'
import { Activity, halfOf, type Group } from './groups.ts'

/**
 * Entries in one batch of a group with a backlog while others are active: what the process does for a
 * batch in one go, and a statement of it at the database, keeps theirs waiting.
 */
const MAX_SIZE_BESIDE_OTHERS = 64

interface Bounds {
  readonly places: Readonly<Record<LockMode, number>>
  readonly maxBatchSize: number
}

/** What a group may have of all there is: all, unless another one is active or was lately. */
export class GroupBounds {
  readonly #bounds: Bounds
  readonly #activity = new Activity()

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** @param at - by the clock of `performance.now`, never earlier than the last time */
  note(group: Group, at: number): void {
    this.#activity.note(group, at)
  }

  /** Its batches at work at once. */
  placesOf(group: Group, mode: LockMode, now: number): number {
    const places = this.#bounds.places[mode]
    return this.#activity.hasOthersThan(group, now) ? halfOf(places) : places
  }

  /** Its entries in one batch. */
  entriesOf(group: Group, now: number): number {
    const { maxBatchSize } = this.#bounds
    return this.#activity.hasOthersThan(group, now)
      ? Math.min(maxBatchSize, MAX_SIZE_BESIDE_OTHERS)
      : maxBatchSize
  }
}
