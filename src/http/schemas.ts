import { Type, type TSchema } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../config/describe-rule.ts'
import type { DocumentedError } from './error-schemas.ts'

/** The largest value of PostgreSQL's `integer`, which ids of events and capacities are. */
export const MAX_INTEGER = 2_147_483_647

/** The largest id of what has a `bigint`: JSON numbers are exact up to there. */
export const MAX_ID = Number.MAX_SAFE_INTEGER

const KEY_RULE = '1 to 63 of the characters a to z, 0 to 9, _ and -, with neither _ nor - first'

/** What pools and ticket types are named by. */
export const Key = (description: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$', [RULE_KEYWORD]: KEY_RULE, description })

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
  'Content-Disposition': Type.String({ description: 'The name of the file; only of CSV' }),
}

/** A response without a body. */
export function NoContent(description: string, ...headers: (keyof typeof ResponseHeaders)[]) {
  return Type.Null({ description, headers: headersOf(...headers) })
}

/** The named headers, for a response's schema. */
export function headersOf(...names: (keyof typeof ResponseHeaders)[]) {
  return Object.fromEntries(names.map((name) => [name, ResponseHeaders[name]]))
}

/** What a moment has to be that a client gives, where null will do as well. */
export const MOMENT_RULE =
  'an ISO 8601 date-time with its offset from UTC, in the years 1 to 9999, or null'

/** Such a moment. */
export const Moment = (description: string) =>
  nullable(Timestamp, {
    [RULE_KEYWORD]: MOMENT_RULE,
    description,
  })

/** A moment in UTC, ISO 8601 with milliseconds. */
export function Timestamp(options: { description: string; [keyword: string]: unknown }) {
  return Type.String({ format: 'date-time', ...options })
}
