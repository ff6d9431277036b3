import type { ErrorCode } from './errors.ts'
import type { Refusal, RefusalDetails, Refused } from '../domain/outcomes.ts'
import { failureOf, type Failure } from './failure.ts'
import { refusalText } from './refusal-texts.ts'

/** What to answer to a command that was turned down: the one place where rules meet statuses. */
export function failureFor(refused: Refused): Failure {
  const { refusal, details, status } = refused
  const failure = failureOf(codeOf(refusal), refusalText(refused))
  if (details === undefined && status === undefined) return failure
  return {
    ...failure,
    details: { ...detailsJson(details ?? {}), ...(status && { event_status: status }) },
  }
}

/** What a refusal turns on, as members of problem details (RFC 9457, section 3.2). */
function detailsJson(details: RefusalDetails): object {
  const { line, pool, key, labels, labelsTaken, available, waitingBefore } = details
  return {
    ...(line !== undefined && { line }),
    ...(pool !== undefined && { pool }),
    ...(key !== undefined && { key }),
    ...(labels !== undefined && { labels }),
    ...(labelsTaken !== undefined && { labels_taken: labelsTaken }),
    ...(available !== undefined && { available }),
    ...(waitingBefore !== undefined && { waiting_before: waitingBefore }),
  }
}

/** Refusals are errors of the same name, but for what HTTP has a word of its own for. */
function codeOf(refusal: Refusal): ErrorCode {
  return refusal === 'event_changed' || refusal === 'seating_changed'
    ? 'precondition_failed'
    : refusal
}
