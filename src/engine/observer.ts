import type { Command } from '../domain/commands.ts'
import type { FactType } from '../domain/facts.ts'
import type { Refusal, Success } from '../domain/outcomes.ts'
import type { EngineErrorReason } from './engine-error.ts'
import type { BatchObservation, LockMode } from './group-commit-options.ts'
import type { StepClock } from './steps.ts'
import type { BatchTrace } from './traces.ts'
import type { TransactionFailure } from './transaction.ts'

/** What a batch does: decides commands under locks, or answers refusals by a plain read. */
export type BatchKind = 'decide' | 'screen'

/** What can be seen of one try at carrying out a batch in a transaction. */
export interface TransactionObservation {
  readonly mode: LockMode
  /** Whether the batch, or the one of which this is a part, has failed before. */
  readonly isRetry: boolean
  /** The steps that ended, and since when the next one was under way. */
  readonly clock: Pick<StepClock, 'ended' | 'startedAt' | 'commitStep'>
  /** When the transaction ended, in milliseconds by the clock of `performance.now`. */
  readonly endedAt: number
  /** What was committed; nothing where it failed. */
  readonly facts: readonly { readonly type: FactType }[]
  /** Why it failed; null where it was committed. */
  readonly failure: TransactionFailure | null
}

/**
 * What came of a command, by a name; there are as many as the code has. `client_gone` is one that was
 * dropped before anything happened, as nobody waited for it any more.
 */
export type OutcomeName = Success['kind'] | Refusal | EngineErrorReason | 'client_gone'

/** How many commands wait, by what their batches do; each has `maxQueueLength` for itself. */
export type QueueLengths = Readonly<Record<BatchKind, () => number>>

/** Told what the engine does. Metrics and traces hang here; nothing is done where nobody listens. */
export interface EngineObserver {
  /** A batch has ended, whatever came of it. */
  readonly observe?: (batch: BatchObservation, kind: BatchKind) => void
  readonly onTransaction?: (transaction: TransactionObservation) => void
  /** Begins to follow a batch. */
  readonly follow?: (kind: BatchKind) => BatchTrace
  /** Of each command: cheap, and together. */
  readonly commands?: CommandObserver
  /** Given, once, what tells how much waits. */
  readonly watchQueues?: (lengths: QueueLengths) => void
  /** Told why an event is not settled further for now; the sweeper tries again. */
  readonly onSettlingFailed?: (error: unknown) => void
}

export interface CommandObserver {
  readonly onBegun: () => void
  readonly onEnded: (type: Command['type'], outcome: OutcomeName) => void
}
