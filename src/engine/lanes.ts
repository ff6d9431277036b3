export interface LaneBounds {
  /** Pieces of work that are at the database at once. */
  readonly lanes: number
  /** Those that wait for their turn. */
  readonly maxWaiting: number
}

export interface LaneWork {
  /** Whether it can begin; what can't is passed over, and keeps its place. */
  readonly isReady: () => boolean
  /** Settles, and never rejects, when the database is done with it. */
  readonly start: () => Promise<void>
}

/** Does work in so many lanes, in its order of arrival. */
export class Lanes {
  readonly #bounds: LaneBounds
  readonly #waiting = new Set<LaneWork>()
  #atWork = 0

  constructor(bounds: LaneBounds) {
    this.#bounds = bounds
  }

  /** False where too much waits. */
  add(work: LaneWork): boolean {
    if (this.#waiting.size >= this.#bounds.maxWaiting) return false
    this.#waiting.add(work)
    this.#startNext()
    return true
  }

  /** Takes work back; false where it has begun. */
  takeBack(work: LaneWork): boolean {
    return this.#waiting.delete(work)
  }

  #startNext(): void {
    for (const work of this.#waiting) {
      if (this.#atWork >= this.#bounds.lanes) return
      if (!work.isReady()) continue
      this.#waiting.delete(work)
      void this.#start(work)
    }
  }

  async #start(work: LaneWork): Promise<void> {
    this.#atWork += 1
    await work.start()
    this.#atWork -= 1
    this.#startNext()
  }
}
