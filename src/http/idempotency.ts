import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
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
export const IdempotencyKey = Type.Optional(
  Type.String({
    pattern: '^[\\x21-\\x7e]{1,255}$',
    [RULE_KEYWORD]: 'a string of 1 to 255 visible ASCII characters',
    description:
      'Makes the request take effect once, however often it is sent. Sent again within 24 hours, ' +
      'it gets the stored answer with `Idempotency-Replayed: true`. Only successes are stored.',
  }),
)

/** Request headers of every route that changes something. */
export const CommandHeaders = Type.Object({ 'idempotency-key': IdempotencyKey })

/**
 * How the request is to be remembered; null where it carries no key, as most do. The fingerprint
 * is over the method, the path with its query, and the body, whatever the order of its members.
 */
export function idempotentRequestOf(request: FastifyRequest): IdempotentRequest | null {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return null
  const body = bodyTextOf(request.body)
  return { key, fingerprint: digest(request.method, request.url, body) }
}

/** @throws HttpError where the body is nested too deep to be compared with another */
function bodyTextOf(body: unknown): string {
  if (isDeeperThan(body, MAX_DEPTH)) {
    const text = `The body must not be nested deeper than ${MAX_DEPTH} levels`
    throw new HttpError('validation_failed', { text })
  }
  return typeof body === 'object' ? canonicalJson(body) : ''
}
