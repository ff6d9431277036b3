import type { LockMode } from './group-commit-options.ts'
import type { GroupQueues, GroupShare } from './group-queues.ts'
import type { Queued, Share } from './key-queue.ts'
import { BACKLOG_APART } from './key-queues.ts'

/** What is taken, and from whom. */
interface Take<E extends Queued> {
  readonly mode: LockMode
  readonly maxEntries: number
  /** The most entries of a batch that is the group's alone. */
  readonly maxEntriesOf: (of: GroupQueues<E>) => number
  /** Whether one more batch of the group's may be at work. */
  readonly hasPlace: (of: GroupQueues<E>) => boolean
}

/**
 * In which order groups come into batches. Those with a backlog have batches of their own, one group
 * after the other; the rest share batches. Both kinds take turns, so that whoever has no backlog waits
 * for no more than one batch of others, however many groups storm.
 */
export class Turns<E extends Queued> {
  readonly #quiet = new Set<GroupQueues<E>>()
  readonly #crowded = new Set<GroupQueues<E>>()
  readonly #contended = new Set<GroupQueues<E>>()
  #isForQuiet = true

  /** Puts a group where it belongs, now that its queues have changed. It keeps its place in a line. */
  place(of: GroupQueues<E>): void {
    const line = this.#lineFor(of)
    if (of.line !== line) {
      of.line?.delete(of)
      line?.add(of)
      of.line = line
    }
    if (of.queues.hasContended) this.#contended.add(of)
    else if (this.#contended.size > 0) this.#contended.delete(of)
  }

  /** Puts a group that had its turn behind the others: of those turns only, the other kind's it has yet. */
  pass(of: GroupQueues<E>, mode: LockMode): void {
    if (mode === 'wait') this.#contended.delete(of)
    else {
      of.line?.delete(of)
      of.line = undefined
    }
    this.place(of)
  }

  /** Takes up to `maxEntries` of those whose turn it is; empty where there are none. */
  take(take: Take<E>): GroupShare<E>[] {
    if (take.mode === 'wait') return this.#takeContended(take)
    const first = this.#isForQuiet ? this.#takeQuiet(take) : this.#takeCrowded(take)
    if (first.length > 0) {
      this.#isForQuiet = !this.#isForQuiet
      return first
    }
    return this.#isForQuiet ? this.#takeCrowded(take) : this.#takeQuiet(take)
  }

  #lineFor({ queues }: GroupQueues<E>): Set<GroupQueues<E>> | undefined {
    if (!queues.hasReady) return undefined
    return queues.length < BACKLOG_APART ? this.#quiet : this.#crowded
  }

  #takeQuiet({ maxEntries, hasPlace }: Take<E>): GroupShare<E>[] {
    const shares: GroupShare<E>[] = []
    let room = maxEntries
    for (const of of this.#quiet) {
      if (room === 0) break
      if (!hasPlace(of)) continue
      const apart = of.queues.isNextApart
      if (apart && shares.length > 0) continue
      const taken = sharesOf(of, of.queues.takeReady(room))
      for (const { entries } of taken) room -= entries.length
      shares.push(...taken)
      if (apart) break
    }
    return shares
  }

  #takeCrowded({ maxEntriesOf, hasPlace }: Take<E>): GroupShare<E>[] {
    for (const of of this.#crowded) {
      if (hasPlace(of)) return sharesOf(of, of.queues.takeReady(maxEntriesOf(of)))
    }
    return []
  }

  #takeContended({ maxEntriesOf, hasPlace }: Take<E>): GroupShare<E>[] {
    for (const of of this.#contended) {
      if (hasPlace(of)) return sharesOf(of, of.queues.takeContended(maxEntriesOf(of)))
    }
    return []
  }
}

function sharesOf<E extends Queued>(of: GroupQueues<E>, shares: Share<E>[]): GroupShare<E>[] {
  return shares.map(({ queue, entries }) => ({ queue, entries, of }))
}
