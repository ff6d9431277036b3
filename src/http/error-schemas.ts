import { Type, type TSchema } from '@sinclair/typebox'
import { PROBLEM_JSON } from './accept.ts'
import { failureOf, problemOf, type Failure } from './failure.ts'
import { ERRORS, type ErrorCode } from './errors.ts'

/** It is described where bookings are. */
const LAST_STATE = Type.Ref('Booking#')

export const ErrorSchema = Type.Object(
  {
    error: Type.String({ description: 'What is wrong, as text' }),
    booking: Type.Optional(LAST_STATE),
  },
  { $id: 'Error', title: 'Error', description: 'The default error body' },
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`; `code` identifies the error' }),
    title: Type.String({ description: 'Reason phrase of the status' }),
    status: Type.Integer({ description: 'HTTP status' }),
    detail: Type.String({ description: 'What is wrong, as text' }),
    code: Type.String({ description: 'Stable identifier of the error' }),
    line: Type.Optional(
      Type.Integer({ description: 'Which of the `lines` that were asked for, from 0' }),
    ),
    key: Type.Optional(Type.String({ description: 'Key of the ticket type, pool or section' })),
    pool: Type.Optional(
      Type.Unsafe<string | null>({
        type: ['string', 'null'],
        description: 'Key of the pool that the error is about; null for the seats of the event',
      }),
    ),
    labels: Type.Optional(Type.Array(Type.String(), { description: 'Labels that are wrong' })),
    labels_taken: Type.Optional(
      Type.Array(Type.String(), { description: 'Labels of seats that are taken or blocked' }),
    ),
    available: Type.Optional(
      Type.Integer({
        description: 'Free seats of the pool: fewer than asked for, or kept for those who wait',
      }),
    ),
    waiting_before: Type.Optional(
      Type.Integer({
        description:
          'Number of waitlist entries of the event; 0 where none of them waits for seats of the pool',
      }),
    ),
    event_status: Type.Optional(
      Type.String({ description: 'Status of the event, which is not on sale' }),
    ),
    booking: Type.Optional(LAST_STATE),
  },
  {
    $id: 'Problem',
    title: 'Problem',
    description: 'Problem details (RFC 9457), for `Accept: application/problem+json`',
  },
)

// Errors of every route with a JSON body.
const ANY_BODY: readonly ErrorCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
]

// Errors of every read, when the service or its database can't serve it now.
const ANY_QUERY: readonly ErrorCode[] = ['internal_error', 'overloaded', 'database_unavailable']

// Errors of every command, when the service or its database can't carry it out now.
const ANY_COMMAND: readonly ErrorCode[] = [
  'idempotency_key_reused',
  'data_refused',
  'internal_error',
  'overloaded',
  'event_busy',
  'database_unavailable',
  'outcome_unknown',
  'shutting_down',
]

/**
 * An error, with an example text where the catalogue's is only a general one, and of what is told beside
 * that: `members` in both envelopes, `details` in problem details alone.
 */
export type DocumentedError =
  | ErrorCode
  | readonly [code: ErrorCode, text: string, beside?: Pick<Failure, 'members' | 'details'>]

/** The error responses of a route that only reads. */
export function queryErrors(...errors: DocumentedError[]): Record<number, ErrorResponse> {
  return errorResponses(...errors, ...ANY_QUERY)
}

/** The error responses of a route that takes a body and runs a command. */
export function commandErrors(...errors: DocumentedError[]): Record<number, ErrorResponse> {
  return errorResponses(...errors, ...ANY_BODY, ...ANY_COMMAND)
}

/** Response schemas by status, in both envelopes, with an example of every error. */
export function errorResponses(...errors: DocumentedError[]): Record<number, ErrorResponse> {
  const failures = errors.map((error) =>
    typeof error === 'string'
      ? failureOf(error)
      : { ...failureOf(error[0], error[1]), ...error[2] },
  )
  const statuses = [...new Set(failures.map(({ status }) => status))].sort((a, b) => a - b)
  return Object.fromEntries(
    statuses.map((status) => {
      const those = failures.filter((failure) => failure.status === status)
      return [status, responseOf(those)]
    }),
  )
}

interface MediaType {
  schema: TSchema
  examples: Record<string, { summary: string; value: object }>
}

/** The response of errors that have a status in common. */
export interface ErrorResponse {
  description: string
  headers?: Record<string, TSchema>
  content: Record<string, MediaType>
}

function responseOf(failures: Failure[]): ErrorResponse {
  const texts = [...new Set(failures.map(({ text }) => text))]
  const isRetryable = failures.some(({ status }) => status === 429 || status === 503)
  return {
    description: texts.join(' · '),
    ...(isRetryable && { headers: { 'Retry-After': RETRY_AFTER } }),
    content: {
      'application/json': {
        schema: Type.Ref('Error#'),
        examples: examplesOf(failures, ({ text, members }) => ({ error: text, ...members })),
      },
      [PROBLEM_JSON]: { schema: Type.Ref('Problem#'), examples: examplesOf(failures, problemOf) },
    },
  }
}

const RETRY_AFTER = Type.Integer({ minimum: 1, description: 'Seconds to wait before trying again' })

function examplesOf(
  failures: Failure[],
  valueOf: (failure: Failure) => object,
): MediaType['examples'] {
  return Object.fromEntries(
    failures.map((failure) => [
      failure.code,
      { summary: ERRORS[failure.code].text, value: valueOf(failure) },
    ]),
  )
}
