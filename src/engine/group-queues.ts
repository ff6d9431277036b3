import type { LockMode } from './group-commit-options.ts'
import type { Group } from './groups.ts'
import type { Queued, Share } from './key-queue.ts'
import type { KeyQueues } from './key-queues.ts'

/** The queues of one group. */
export interface GroupQueues<E extends Queued> {
  readonly group: Group
  readonly queues: KeyQueues<E>
  /** Its batches at work, those that it shares with others among them. */
  readonly atWork: Record<LockMode, number>
  /** Those among whom it awaits its turn; undefined where nothing of it is ready. */
  line: Set<GroupQueues<E>> | undefined
}

/** What one batch took from one key of a group. */
export interface GroupShare<E extends Queued> extends Share<E> {
  readonly of: GroupQueues<E>
}

/** What is carried out together. */
export interface Batch<E extends Queued> {
  readonly mode: LockMode
  /** The most entries that it may have. */
  readonly maxSize: number
  readonly shares: readonly GroupShare<E>[]
  /** Whose shares these are. */
  readonly groups: ReadonlySet<GroupQueues<E>>
}

export interface FairQueuesOptions<E> {
  /** Batches at work at once. */
  readonly places: Readonly<Record<LockMode, number>>
  /** Entries in one batch. */
  readonly maxBatchSize: number
  /** Whether an entry makes its group active, as by default each does. */
  readonly isRequest?: (entry: E) => boolean
  /** Whether an entry takes its key into a batch of its own. */
  readonly isHeavy?: (entry: E) => boolean
}
