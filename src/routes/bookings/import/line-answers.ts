import type { FastifyBaseLogger } from 'fastify'
import type { Booked, Waiting } from '../../../domain/outcomes.ts'
import { problemOf, type Failure } from '../../../http/failure.ts'
import { entryJson } from '../../waitlist/view.ts'
import { bookingJson, RESERVATION_STATUS } from '../view.ts'

/** A line of an answer: what came of a line of the request. */
const lineOf = (answer: object): string => `${JSON.stringify(answer)}\n`

/** The answer to a line that was booked, or put on the waitlist; now or the first time it was sent. */
export function successLine(
  number: number,
  success: Booked | Waiting,
  isReplayed: boolean,
): string {
  const status = RESERVATION_STATUS[success.kind]
  const made =
    success.kind === 'booking'
      ? { booking: bookingJson(success.booking) }
      : { waitlist_entry: entryJson(success) }
  return lineOf({ line: number, status, ...made, ...(isReplayed && { replayed: true }) })
}

/** The answer to a line of which nothing came. */
export function failureLine(number: number, failure: Failure): string {
  return lineOf(failed(number, failure))
}

/** The last answer of an import that did not come to the end of its lines. */
export function endLine(number: number, failure: Failure): string {
  return lineOf({ ...failed(number, failure), stopped: true })
}

function failed(line: number, failure: Failure): object {
  const { status, retryAfterSeconds } = failure
  const wait = retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }
  return { line, status, ...wait, error: problemOf({ ...failure, text: ofLine(failure.text) }) }
}

/** What is a body in a request of its own is a line here. */
function ofLine(text: string): string {
  return text.replace(/^The body\b/, 'The line')
}

/** Where lines fail that should not: as requests are, they are told of in the log with their cause. */
export function logFailure(log: FastifyBaseLogger, line: number, failure: Failure): void {
  const { code, status, cause: err } = failure
  if (status === 500) log.error({ line, code, err }, 'line of an import failed')
  else if (status > 500) log.warn({ line, code, err }, 'line of an import failed')
}
