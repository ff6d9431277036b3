import { Activity, CountsByGroup, halfOf, OWN_WORK, type Group } from './groups.ts'

export interface LaneBounds {
  /** Pieces of work that are at the database at once. */
  readonly lanes: number
  /** Those that wait for their turn; of one group half of that, and less where others wait too. */
  readonly maxWaiting: number
}

export interface LaneWork {
  /** Whose work it is. */
  readonly group: Group
  /** Whether it can begin; what can't is passed over, and keeps its place. */
  readonly isReady: () => boolean
  /** Settles, and never rejects, when the database is done with it. */
  readonly start: () => Promise<void>
}

/**
 * Does work in so many lanes: groups by turns, the work of each in its order of arrival. While another
 * group is active, or was lately, none has more than half of the lanes. What the service asks for by
 * itself goes first, and is never too much: it is to be little.
 */
export class Lanes {
  readonly #bounds: LaneBounds
  /** In the order of their turns. */
  #waiting = new Map<Group, Set<LaneWork>>()
  readonly #waitingOf = new CountsByGroup()
  readonly #atWork = new CountsByGroup()
  readonly #activity = new Activity()

  constructor(bounds: LaneBounds) {
    this.#bounds = bounds
  }

  /** False where too much waits. */
  add(work: LaneWork): boolean {
    const { group } = work
    this.#activity.note(group, performance.now())
    const isOwn = group === OWN_WORK
    if (!isOwn && !this.#waitingOf.hasRoomFor(group, this.#bounds.maxWaiting)) return false
    const ofGroup = this.#waiting.get(group)
    if (ofGroup !== undefined) ofGroup.add(work)
    else if (isOwn) this.#waiting = new Map([[group, new Set([work])], ...this.#waiting])
    else this.#waiting.set(group, new Set([work]))
    this.#waitingOf.add(group)
    this.#startNext()
    return true
  }

  /** Takes work back; false where it has begun. */
  takeBack(work: LaneWork): boolean {
    const { group } = work
    const ofGroup = this.#waiting.get(group)
    if (ofGroup?.delete(work) !== true) return false
    this.#waitingOf.remove(group)
    if (ofGroup.size === 0) this.#waiting.delete(group)
    return true
  }

  #startNext(): void {
    while (this.#atWork.all < this.#bounds.lanes) {
      const work = this.#next()
      if (work === undefined) return
      this.takeBack(work)
      this.#passTurn(work.group)
      void this.#start(work)
    }
  }

  #next(): LaneWork | undefined {
    const now = performance.now()
    for (const [group, works] of this.#waiting) {
      if (this.#atWork.of(group) >= this.#lanesFor(group, now)) continue
      for (const work of works) if (work.isReady()) return work
    }
    return undefined
  }

  #lanesFor(group: Group, now: number): number {
    const { lanes } = this.#bounds
    return this.#activity.hasOthersThan(group, now) ? halfOf(lanes) : lanes
  }

  /** Puts a group behind the others. */
  #passTurn(group: Group): void {
    const works = this.#waiting.get(group)
    if (works === undefined) return
    this.#waiting.delete(group)
    this.#waiting.set(group, works)
  }

  async #start(work: LaneWork): Promise<void> {
    this.#atWork.add(work.group)
    await work.start()
    this.#atWork.remove(work.group)
    this.#startNext()
  }
}
