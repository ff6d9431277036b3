import type { Group } from './groups.ts'
import type { BatchTrace } from './traces.ts'

/**
 * What a batch does about a key that another session holds locked: passes it over, or waits for it.
 */
export type LockMode = 'skip' | 'wait'

export type BatchResult<R> =
  | { readonly status: 'done'; readonly value: R }
  | { readonly status: 'failed'; readonly error: Error }
  /** The command's key was locked by another session: nothing was decided. */
  | { readonly status: 'locked' }
  /** The command has to be decided after another one of this batch: it comes into the next. */
  | { readonly status: 'again' }
  /** The command turns on work that is left to the next batches: it comes into one of them. */
  | { readonly status: 'later' }

/** What can be seen of one batch. Metrics and traces hang here. */
export interface BatchObservation {
  readonly mode: LockMode
  readonly size: number
  readonly keys: number
  /** Commands left waiting in the queues when the batch was taken. */
  readonly queued: number
  /** How long the batch's first command had waited when the batch was taken. */
  readonly waitedMs: number
  readonly tookMs: number
}

/**
 * Carries a batch out: one result for each command, in order. A rejection fails them all.
 *
 * @param more - gives what has come for the batch's keys since, to be carried out with it: worth
 *   asking once locks that were waited for are held. Results for these come last.
 */
export type RunBatch<C, R> = (
  commands: readonly C[],
  mode: LockMode,
  more: () => readonly C[],
) => Promise<readonly BatchResult<R>[]>

export interface GroupCommitOptions<C, R> {
  /** Commands of one key are decided in their order of arrival, but for those put off; never in two batches. */
  readonly keyOf: (command: C) => number
  /**
   * Whose command it is; by default nobody is told apart. No group's storm takes more than half of
   * the lanes, and of the commands that may wait: see FairQueues.
   */
  readonly groupOf?: (command: C) => Group
  /**
   * Whether somebody asks for the command; by default each is asked for. What the service does by
   * itself makes its group no more active: nobody's share becomes less by it.
   */
  readonly isRequest?: (command: C) => boolean
  /** Whether a command is so much work that its key goes into a batch of its own. */
  readonly isHeavy?: (command: C) => boolean
  /**
   * Whether commands of the key may join a batch at work that has begun with others of it; by default
   * those of every key may.
   */
  readonly mayJoin?: (key: number) => boolean
  /** With what is to be told of its transactions, where somebody follows the batch. */
  readonly run: (
    ...batch: [...Parameters<RunBatch<C, R>>, trace?: BatchTrace]
  ) => ReturnType<RunBatch<C, R>>
  readonly bounds: GroupCommitBounds
  readonly errors: GroupCommitErrors
  readonly observe?: (batch: BatchObservation) => void
  /** Begins to follow a batch, as its commands are taken. */
  readonly follow?: () => BatchTrace
}

export interface GroupCommitBounds {
  /** Batches at work at once. */
  readonly lanes: number
  /** Batches at once, beside the lanes, that wait for a key which another session holds locked. */
  readonly lockWaiters: number
  /** Commands in one batch. */
  readonly maxBatchSize: number
  /** Commands that wait, over all groups and keys. */
  readonly maxQueueLength: number
  /** Commands of one group that wait for one key, so that a stormed key leaves room for the others. */
  readonly maxQueueLengthPerKey: number
  /** How long a command may take, waiting included, until it is given up. */
  readonly commandTimeoutMs: number
}

export interface GroupCommitErrors {
  readonly overloaded: () => Error
  /** The key stayed locked as long as a batch may wait for it. */
  readonly keyLocked: () => Error
  /** The time was up before the command was taken into a batch: nothing happened. */
  readonly notStarted: () => Error
  /** The time was up while the command's batch was at work: it may or may not take effect. */
  readonly outcomeUnknown: () => Error
  readonly closing: () => Error
}
