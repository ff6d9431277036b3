import type { FailureKind } from '../store/failure-kinds.ts'

/** Why the engine could not do what it was asked. What a status is for it is not known here. */
export type EngineErrorReason =
  /** Too much waits already, or the time was up before the turn came: nothing happened. */
  | 'overloaded'
  /** Somebody else kept the event locked: nothing happened. */
  | 'event_busy'
  /** The database gave no answer before a commit was begun: nothing happened. */
  | 'database_unavailable'
  /** The answer to a commit was lost: it may or may not have taken effect. */
  | 'outcome_unknown'
  | 'shutting_down'
  /** PostgreSQL does not take what the client sent: nothing happened. */
  | 'data_refused'
  /** A mistake of ours, or of whoever runs the database. */
  | 'internal_error'

/** Thrown where nothing could be decided or read; the cause is for the log. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly reason: EngineErrorReason

  constructor(reason: EngineErrorReason, options: { cause?: unknown } = {}) {
    super(reason, options)
    this.reason = reason
  }
}

/**
 * For all who are turned away. One instance, as there may be many thousands a second: what is shed
 * must cost less than what is served, and capturing a stack does not.
 */
export const OVERLOADED = new EngineError('overloaded')

/** For all whose read is late at the database: many at once, and no stack tells more. */
export const UNAVAILABLE = new EngineError('database_unavailable')

/** Where a failed transaction stood. Only from `commit` on can it have taken effect. */
export type Stage = 'work' | 'commit'

/** The error that a caller is given for a failure below us. */
export function toEngineError(
  { kind, stage }: { kind: FailureKind; stage: Stage },
  cause: unknown,
): EngineError {
  return new EngineError(reasonFor(kind, stage), { cause })
}

function reasonFor(kind: FailureKind, stage: Stage): EngineErrorReason {
  if (kind === 'conflict' || kind === 'lock_timeout') return 'event_busy'
  if (kind === 'refused_data') return 'data_refused'
  // PostgreSQL has refused, at whatever stage: nothing happened.
  if (kind === 'data_fault') return 'internal_error'
  if (kind === 'stale_plan' || kind === 'forbidden') return 'database_unavailable'
  if (stage === 'commit') return 'outcome_unknown'
  return kind === 'unknown' ? 'internal_error' : 'database_unavailable'
}
