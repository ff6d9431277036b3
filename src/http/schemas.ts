import { Type, type TSchema } from '@sinclair/typebox'
import { PROBLEM_JSON } from './accept.ts'
import { failureOf, problemOf } from './failure.ts'
import { ERRORS, type ErrorCode } from './errors.ts'

/** The largest value of PostgreSQL's `integer`, which ids of events and capacities are. */
export const MAX_INTEGER = 2_147_483_647

/** The largest id of what has a `bigint`: JSON numbers are exact up to there. */
export const MAX_ID = Number.MAX_SAFE_INTEGER

export const ErrorSchema = Type.Object(
  { error: Type.String({ description: 'What is wrong, as text' }) },
  { $id: 'Error', title: 'Error', description: 'The default error body' },
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`; `code` identifies the error' }),
    title: Type.String({ description: 'Reason phrase of the status' }),
    status: Type.Integer({ description: 'HTTP status' }),
    detail: Type.String({ description: 'What is wrong, as text' }),
    code: Type.String({ description: 'Stable identifier of the error' }),
  },
  {
    $id: 'Problem',
    title: 'Problem',
    description: 'Problem details (RFC 9457), for `Accept: application/problem+json`',
  },
)

/** Path parameters of a booking or a waitlist entry. */
export const IdParams = Type.Object({
  id: Type.Integer({
    minimum: 1,
    maximum: MAX_ID,
    description: 'Id of the resource',
    examples: [1],
  }),
})

/** Path parameters of an event. */
export const EventIdParams = Type.Object({
  id: Type.Integer({
    minimum: 1,
    maximum: MAX_INTEGER,
    description: 'Id of the event',
    examples: [1],
  }),
})

/** What a PATCH may be sent as, for the documentation (RFC 7396). */
export const PATCH_TYPES = ['application/json', 'application/merge-patch+json']

/** The error for an id in the path that is not valid. */
export const idError = [
  'validation_failed',
  `id must be an integer between 1 and ${MAX_ID}`,
] as const satisfies DocumentedError

/** The error for an event's id in the path that is not valid. */
export const eventIdError = [
  'validation_failed',
  `id must be an integer between 1 and ${MAX_INTEGER}`,
] as const satisfies DocumentedError

/** One of a few strings, typed as the union of them. */
export function oneOf<const T extends readonly string[]>(values: T, options: object = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: values, ...options })
}

/** A string schema that accepts null as well. */
export function nullable(
  make: (options: { description: string }) => TSchema,
  options: { description: string; [keyword: string]: unknown },
) {
  return Type.Unsafe<string | null>({ ...make(options), type: ['string', 'null'] })
}

/** Response headers of successes, for the documentation. */
export const ResponseHeaders = {
  Location: Type.String({
    description: 'Path of the new resource, after the base path if there is one',
  }),
  ETag: Type.String({ description: 'Strong entity tag of the body (RFC 9110)' }),
  'Idempotency-Replayed': Type.String({
    description: '`true` if this answer was stored under the same `Idempotency-Key` before',
  }),
}

/** A response without a body. */
export function NoContent(description: string, ...headers: (keyof typeof ResponseHeaders)[]) {
  return Type.Null({ description, headers: headersOf(...headers) })
}

/** The named headers, for a response's schema. */
export function headersOf(...names: (keyof typeof ResponseHeaders)[]) {
  return Object.fromEntries(names.map((name) => [name, ResponseHeaders[name]]))
}

/** A moment in UTC, ISO 8601 with milliseconds. */
export function Timestamp(options: { description: string }) {
  return Type.String({ format: 'date-time', ...options })
}

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

/** An error, with an example text where the catalogue's is only a general one. */
type DocumentedError = ErrorCode | readonly [code: ErrorCode, text: string]

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
    typeof error === 'string' ? failureOf(error) : failureOf(error[0], error[1]),
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

function responseOf(failures: ReturnType<typeof failureOf>[]): ErrorResponse {
  const texts = [...new Set(failures.map(({ text }) => text))]
  const isRetryable = failures.some(({ status }) => status === 429 || status === 503)
  return {
    description: texts.join(' · '),
    ...(isRetryable && { headers: { 'Retry-After': RETRY_AFTER } }),
    content: {
      'application/json': {
        schema: Type.Ref('Error#'),
        examples: examplesOf(failures, ({ text }) => ({ error: text })),
      },
      [PROBLEM_JSON]: { schema: Type.Ref('Problem#'), examples: examplesOf(failures, problemOf) },
    },
  }
}

const RETRY_AFTER = Type.Integer({ minimum: 1, description: 'Seconds to wait before trying again' })

function examplesOf(
  failures: ReturnType<typeof failureOf>[],
  valueOf: (failure: ReturnType<typeof failureOf>) => object,
): MediaType['examples'] {
  return Object.fromEntries(
    failures.map((failure) => [
      failure.code,
      { summary: ERRORS[failure.code].text, value: valueOf(failure) },
    ]),
  )
}
