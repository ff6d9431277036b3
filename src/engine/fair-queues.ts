import type { LockMode } from './group-commit-options.ts'
import type { Batch, FairQueuesOptions, GroupQueues, GroupShare } from './group-queues.ts'
import { GroupBounds } from './group-bounds.ts'
import { hasRoom, type Group } from './groups.ts'
import type { Queued, Undecided } from './key-queue.ts'
import { KeyQueues } from './key-queues.ts'
import { Turns } from './turns.ts'

/** Groups that have nothing to do, and are remembered with what was learned about their keys. */
const MAX_IDLE_GROUPS = 100

/**
 * Queues by group and key, from which batches are taken such that no group's storm holds up the
 * others. Groups take {@link Turns}; and while another one is active, or was lately, none of them has
 * more than half of the places, and what has a backlog has small batches. A group that is alone has
 * all places, and batches of any size.
 */
export class FairQueues<E extends Queued> {
  #length = 0
  readonly #options: FairQueuesOptions<E>
  readonly #groups = new Map<Group, GroupQueues<E>>()
  readonly #idle = new Set<GroupQueues<E>>()
  readonly #bounds: GroupBounds
  readonly #turns = new Turns<E>()

  constructor(options: FairQueuesOptions<E>) {
    this.#options = options
    this.#bounds = new GroupBounds(options)
  }

  /** Entries that wait, over all groups; those in a batch do not count. */
  get length(): number {
    return this.#length
  }

  lengthOf(group: Group, key: number): number {
    return this.#groups.get(group)?.queues.lengthOf(key) ?? 0
  }

  /** Whether one more of the group's may wait, where no more than `max` may over all groups. */
  hasRoomFor(group: Group, max: number): boolean {
    return hasRoom(group, this.#groups.get(group)?.queues.length ?? 0, this.#length, max)
  }

  add(group: Group, key: number, entry: E): void {
    const { isRequest = () => true } = this.#options
    if (isRequest(entry)) this.#bounds.note(group, entry.arrivedAt)
    const of = this.#groups.get(group) ?? this.#create(group)
    this.#idle.delete(of)
    of.queues.add(key, entry)
    this.#length += 1
    this.#turns.place(of)
  }

  /** Takes a batch of keys that need not be waited for, or of one that must; undefined for none. */
  take(mode: LockMode): Batch<E> | undefined {
    const { maxBatchSize: maxEntries } = this.#options
    const now = performance.now()
    const hasPlace = (of: GroupQueues<E>): boolean =>
      of.atWork[mode] < this.#bounds.placesOf(of.group, mode, now)
    const maxEntriesOf = ({ group }: GroupQueues<E>): number => this.#bounds.entriesOf(group, now)
    const shares = this.#turns.take({ mode, maxEntries, maxEntriesOf, hasPlace })
    if (shares.length === 0) return undefined
    for (const { entries } of shares) this.#length -= entries.length
    const groups = new Set(shares.map(({ of }) => of))
    for (const of of groups) {
      of.atWork[mode] += 1
      this.#turns.pass(of, mode)
    }
    return { mode, maxSize: maxEntries, shares, groups }
  }

  /**
   * Adds up to `maxEntries` of what has come for the key of one of the batch's shares since, and no more
   * of its group than a batch may have; returns what it added.
   */
  topUp({ shares }: Batch<E>, share: GroupShare<E>, maxEntries: number): E[] {
    const { of, queue } = share
    if (queue.length === 0) return []
    const ofGroup = shares.reduce((sum, one) => sum + (one.of === of ? one.entries.length : 0), 0)
    const room = Math.min(maxEntries, this.#bounds.entriesOf(of.group, performance.now()) - ofGroup)
    const added = of.queues.topUp(share, Math.max(0, room))
    this.#length -= added.length
    this.#turns.place(of)
    return added
  }

  /** Ends a batch's hold on a key; see {@link KeyQueues.release}. */
  release({ of, queue }: GroupShare<E>, undecided: Undecided<E> = {}): void {
    const before = of.queues.length
    of.queues.release(queue, undecided)
    this.#follow(of, before)
  }

  /** Ends a batch, whose keys are all released. */
  end({ mode, groups }: Batch<E>): void {
    for (const of of groups) {
      of.atWork[mode] -= 1
      this.#restIfIdle(of)
    }
  }

  /** Removes and returns the entries for which `test` holds, up to the first of a key that stays. */
  removeWhile(test: (entry: E) => boolean): E[] {
    return [...this.#groups.values()].flatMap((of) => {
      const before = of.queues.length
      const removed = of.queues.removeWhile(test)
      this.#follow(of, before)
      return removed
    })
  }

  /** Removes and returns all entries that wait for the share's key. */
  removeAll({ of, queue }: GroupShare<E>): E[] {
    const before = of.queues.length
    const removed = of.queues.removeAll(queue)
    this.#follow(of, before)
    return removed
  }

  /** Sees to what follows where so many of a group waited, and some went or came back. */
  #follow(of: GroupQueues<E>, before: number): void {
    this.#length += of.queues.length - before
    this.#turns.place(of)
    this.#restIfIdle(of)
  }

  #create(group: Group): GroupQueues<E> {
    const queues = new KeyQueues(this.#options.isHeavy)
    const of = { group, queues, atWork: { skip: 0, wait: 0 }, line: undefined }
    this.#groups.set(group, of)
    return of
  }

  #restIfIdle(of: GroupQueues<E>): void {
    if (of.queues.length > 0 || of.atWork.skip > 0 || of.atWork.wait > 0) return
    this.#idle.add(of)
    const [oldest] = this.#idle
    if (this.#idle.size <= MAX_IDLE_GROUPS || oldest === undefined) return
    this.#idle.delete(oldest)
    this.#groups.delete(oldest.group)
  }
}
