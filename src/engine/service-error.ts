import { ServiceError, type ErrorCode } from '../http/errors.ts'
import type { FailureKind } from '../store/failure.ts'

/** Where a failed transaction stood. Only from `commit` on can it have taken effect. */
export type Stage = 'work' | 'commit'

/** The error that a caller is given for a failure below us. */
export function toServiceError(
  { kind, stage }: { kind: FailureKind; stage: Stage },
  cause: unknown,
): ServiceError {
  return new ServiceError(errorCodeFor(kind, stage), { cause })
}

function errorCodeFor(kind: FailureKind, stage: Stage): ErrorCode {
  if (kind === 'conflict' || kind === 'lock_timeout') return 'event_busy'
  if (kind === 'refused_data') return 'data_refused'
  if (stage === 'commit') return 'outcome_unknown'
  return kind === 'unavailable' ? 'database_unavailable' : 'internal_error'
}
