import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { keyWithin } from '../domain/access.ts'
import type { IdempotentRequest } from '../store/idempotency.ts'
import { RULE_KEYWORD } from '../config/describe-rule.ts'
import { HttpError } from './errors.ts'
import { canonicalJson, digest, isDeeperThan } from './canonical.ts'

/** More than any body of the contract has; deeper ones could exhaust the stack. */
const MAX_DEPTH = 64

/**
 * The request header of draft-ietf-httpapi-idempotency-key-header. Any visible ASCII is accepted,
 * and quotes are part of the key.
 */
const KeyText = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: '^[\\x21-\\x7e]*$',
    [RULE_KEYWORD]: 'a string of 1 to 255 visible ASCII characters',
    description,
  })

export const IdempotencyKey = Type.Optional(
  KeyText(
    'Makes the request take effect once, however often it is sent. Sent again within 24 hours, ' +
      'it gets the stored answer with `Idempotency-Replayed: true`. Only successes are stored.',
  ),
)

/** The same of requests that have to carry one, as they have many lines that each take effect once. */
export const IdempotencyKeyOfLines = KeyText(
  'Makes each line take effect once, however often it is sent. Sent again within 24 hours, with its ' +
    'number, a line gets the stored answer, with `replayed`. Only successes are stored.',
)

/** Request headers of every route that changes something. */
export const CommandHeaders = Type.Object({ 'idempotency-key': IdempotencyKey })

/**
 * How the request is to be remembered; null where it carries no key, as most do. The fingerprint
 * is over the method, the path with its query, and the body, whatever the order of their members.
 * To be asked for once the request has been validated: only then its parameters are values.
 */
export function idempotentRequestOf(request: FastifyRequest): IdempotentRequest | null {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' ? rememberedAs(request, key, request.body) : null
}

/**
 * How one line of a request's body is to be remembered: as a request with that body, under a key of its
 * own that is made of the request's and the line's number. No client can send that one, as a header has
 * no tab in its middle that the schema would let through; nor has any other part of a key as it is
 * remembered one behind its last space (see `keyWithin`). So no two of them come to the same.
 *
 * @param key - the request's `Idempotency-Key`
 * @throws HttpError where the line is nested too deep
 */
export function idempotentLineOf(
  request: FastifyRequest,
  key: string,
  { number, body }: { number: number; body: unknown },
): IdempotentRequest {
  return rememberedAs(request, `${key}\t${number}`, body)
}

function rememberedAs(request: FastifyRequest, key: string, body: unknown): IdempotentRequest {
  return {
    key: keyWithin(request.caller, key),
    fingerprint: digest(request.method, resourceOf(request), bodyTextOf(body)),
  }
}

/**
 * The path and query as the route understands them: a trailing slash, a base path, leading zeros and
 * percent-encoding make no difference.
 */
function resourceOf({ routeOptions: { url = '' }, params, query }: FastifyRequest): string {
  const path = url.includes(':') ? filled(url, params) : url
  const members = membersOf(query).sort(([a], [b]) => (a < b ? -1 : 1))
  return members.length === 0 ? path : `${path}?${new URLSearchParams(members).toString()}`
}

function filled(url: string, params: unknown): string {
  const values = new Map(membersOf(params))
  return url.replace(PARAMETER, (_, name: string) => values.get(name) ?? '')
}

function membersOf(values: unknown): [name: string, value: string][] {
  if (typeof values !== 'object' || values === null) return []
  return Object.entries(values).map(([name, value]) => [name, String(value)])
}

// As in `/events/:id(^\\d+$)/waitlist`.
const PARAMETER = /:(\w+)(\([^)]*\))?/g

/** @throws HttpError where the body is nested too deep to be compared with another */
function bodyTextOf(body: unknown): string {
  if (isDeeperThan(body, MAX_DEPTH)) {
    const text = `The body must not be nested deeper than ${MAX_DEPTH} levels`
    throw new HttpError('validation_failed', { text })
  }
  return body === undefined ? '' : canonicalJson(body)
}
