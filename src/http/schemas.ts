import { Type, type TSchema } from '@sinclair/typebox'
import { PROBLEM_JSON } from './accept.ts'
import { failureOf, problemOf } from './failure.ts'
import { ERRORS, type ErrorCode } from './errors.ts'

/** PostgreSQL's `integer`, as far as a serial key goes. */
export const MAX_ID = 2_147_483_647

export const ErrorSchema = Type.Object(
  { error: Type.String({ description: 'What is wrong, in words' }) },
  { $id: 'Error', description: 'The default envelope of an error' },
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`; `code` tells the kind' }),
    title: Type.String({ description: "The status's own phrase" }),
    status: Type.Integer({ description: 'The status again' }),
    detail: Type.String({ description: 'What is wrong, in words' }),
    code: Type.String({ description: 'Stable name of the error, to switch on' }),
  },
  {
    $id: 'Problem',
    description: 'Problem details (RFC 9457), for `Accept: application/problem+json`',
  },
)

/** No event may allow more seats in one booking. */
export const MAX_SEATS_PER_BOOKING = 1000

/** Path parameters of a single resource. */
export const IdParams = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: MAX_ID, description: 'Its id' }),
})

/** What such a path is answered where the id is none. */
export const idError = [
  'validation_failed',
  `id must be an integer between 1 and ${MAX_ID}`,
] as const satisfies DocumentedError

/** One of a few words. */
export function oneOf<const T extends readonly string[]>(values: T, options: object = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: values, ...options })
}

/** The like of a schema of text, or null. */
export function nullable(
  make: (options: { description: string }) => TSchema,
  options: { description: string; [keyword: string]: unknown },
) {
  return Type.Unsafe<string | null>({ ...make(options), type: ['string', 'null'] })
}

/** Headers of successes, as the documentation shows them. */
export const ResponseHeaders = {
  Location: Type.String({ description: 'Path of what was made' }),
  ETag: Type.String({ description: 'Strong entity tag of the body (RFC 9110)' }),
  'Idempotency-Replayed': Type.String({
    description: '`true` where this was answered before, under the same `Idempotency-Key`',
  }),
}

/** A response without a body. */
export function NoContent(description: string, ...headers: (keyof typeof ResponseHeaders)[]) {
  return Type.Null({ description, headers: headersOf(...headers) })
}

/** Some of the headers, to stand in a response's schema. */
export function headersOf(...names: (keyof typeof ResponseHeaders)[]) {
  return Object.fromEntries(names.map((name) => [name, ResponseHeaders[name]]))
}

/** A moment in UTC, ISO 8601 with milliseconds. */
export function Timestamp(options: { description: string }) {
  return Type.String({ format: 'date-time', ...options })
}

// What any route with a JSON body can answer, whatever it does.
const ANY_BODY: readonly ErrorCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
]

// What any read can answer when the service or its database can't do it now.
const ANY_QUERY: readonly ErrorCode[] = ['internal_error', 'overloaded', 'database_unavailable']

// What any command can answer when the service or its database can't do it now.
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

/** An error with an example text of its own, where the catalogue's is only a general one. */
export type DocumentedError = ErrorCode | readonly [code: ErrorCode, text: string]

/** The error responses of a route that only reads. */
export function queryErrors(...errors: DocumentedError[]): Record<number, ResponseSchema> {
  return errorResponses(...errors, ...ANY_QUERY)
}

/** The error responses of a route that takes a body and runs a command. */
export function commandErrors(...errors: DocumentedError[]): Record<number, ResponseSchema> {
  return errorResponses(...errors, ...ANY_BODY, ...ANY_COMMAND)
}

/** Response schemas by status, in both envelopes, with an example for every error. */
export function errorResponses(...errors: DocumentedError[]): Record<number, ResponseSchema> {
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

export interface ResponseSchema {
  description: string
  headers?: Record<string, TSchema>
  content: Record<string, MediaType>
}

function responseOf(failures: ReturnType<typeof failureOf>[]): ResponseSchema {
  const texts = [...new Set(failures.map(({ text }) => text))]
  const isRetryable = failures.some(({ retryAfterSeconds }) => retryAfterSeconds !== undefined)
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
