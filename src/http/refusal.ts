import type { ErrorCode } from './errors.ts'
import type { Refusal, Refused } from '../domain/outcomes.ts'
import { failureOf, type Failure } from './failure.ts'

/** Texts of refusals that turn on a number of seats. */
const TEXTS: Partial<Record<Refusal, (limit: number) => string>> = {
  too_many_seats: (most) =>
    most === 1 ? 'seats must be 1' : `seats must be an integer between 1 and ${most}`,
  exceeds_capacity: (total) => `The event has ${total} seats only`,
  capacity_below_waiting: (seats) =>
    `total_seats must not be less than the ${seats} seats that somebody in line waits for`,
  capacity_below_taken: (taken) => `total_seats must not be less than the ${taken} seats taken`,
}

/** What to answer to a command that was turned down: the one place where rules meet statuses. */
export function failureFor({ refusal, limit }: Refused): Failure {
  const text = limit === undefined ? undefined : TEXTS[refusal]?.(limit)
  return failureOf(codeOf(refusal), text)
}

/** Refusals are errors of the same name, but for what HTTP has a word of its own for. */
function codeOf(refusal: Refusal): ErrorCode {
  return refusal === 'event_changed' ? 'precondition_failed' : refusal
}
