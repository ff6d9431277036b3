/**
 * Who is to have a share of what all need, such as a tenant: requests are told apart by it, and nobody's
 * storm takes all. Null where nobody is told apart.
 */
export type Group = string | null

/** What the service asks for by itself: it goes first, and leaves everybody's share as it is. */
export const OWN_WORK: Group = ''

/** How long after its last request a group counts as active. */
const ACTIVE_MS = 10_000

/**
 * Whether one more of a group's may wait: a group may have as many as there is room for beside. So one
 * that storms takes half, two a third each, and there is always room for the next one. This is the
 * dynamic threshold of Choudhury and Hahne (IEEE/ACM Transactions on Networking 6, 1998), with α = 1.
 *
 * @param ofGroup - those of the group that wait, among `all`
 */
export function hasRoom(group: Group, ofGroup: number, all: number, max: number): boolean {
  return group === null ? all < max : ofGroup < max - all
}

/** Counts by group, without those that have none. */
export class CountsByGroup {
  #all = 0
  readonly #byGroup = new Map<Group, number>()

  get all(): number {
    return this.#all
  }

  of(group: Group): number {
    return this.#byGroup.get(group) ?? 0
  }

  add(group: Group): void {
    this.#all += 1
    this.#byGroup.set(group, this.of(group) + 1)
  }

  remove(group: Group): void {
    const left = this.of(group) - 1
    this.#all -= 1
    if (left > 0) this.#byGroup.set(group, left)
    else this.#byGroup.delete(group)
  }

  /** See {@link hasRoom}. */
  hasRoomFor(group: Group, max: number): boolean {
    return hasRoom(group, this.of(group), this.#all, max)
  }
}

/** Tells whether a group is alone, without a list of all of them. */
export class Activity {
  #latest: Group = null
  #latestAt = -Infinity
  /** When one that is not the latest had its last request. */
  #othersAt = -Infinity

  /**
   * @param group - null is nobody, who takes no share from others; nor does the service itself
   * @param at - by the clock of `performance.now`, never earlier than the last time
   */
  note(group: Group, at: number): void {
    if (group === null || group === OWN_WORK) return
    if (group !== this.#latest) {
      this.#othersAt = this.#latestAt
      this.#latest = group
    }
    this.#latestAt = at
  }

  /** Whether another group had a request lately. */
  hasOthersThan(group: Group, now: number): boolean {
    const at = group === this.#latest ? this.#othersAt : this.#latestAt
    return now - at < ACTIVE_MS
  }
}

/** What a group may have of so many places while another one is active: half, but at least one. */
export function halfOf(places: number): number {
  return Math.max(1, Math.floor(places / 2))
}
