import type { Command } from '../domain/commands.ts'
import type { Outcome } from '../domain/outcomes.ts'
import type { IdempotentRequest } from '../store/idempotency.ts'
import type { BatchResult } from './group-commit.ts'

/** A command as it was asked for. */
export interface Submission {
  readonly command: Command
  /** Null where the request carries no idempotency key. */
  readonly idempotency: IdempotentRequest | null
  /** Whether it is known to be much work, which those of other events should not wait for. */
  readonly isHeavy?: boolean
}

/** What came of a command. */
export interface Executed<O extends Outcome = Outcome> {
  readonly outcome: O
  /** Whether it took effect before, under the same key. */
  readonly isReplayed: boolean
}

export type SubmissionResult = BatchResult<Executed>

export function done(outcome: Outcome): SubmissionResult {
  return { status: 'done', value: { outcome, isReplayed: false } }
}
