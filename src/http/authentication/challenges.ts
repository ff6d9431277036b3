import { SCOPES, type Scope } from '../../domain/access.ts'
import type { ErrorCode } from '../errors.ts'
import { failureOf, sharedFailure, type Failure } from '../failure.ts'

// Whoever is turned away costs as little as can be: what each is answered is made once.

const CHALLENGE = 'Bearer realm="reservations"'

/** What a client is told of how to authenticate (RFC 6750, section 3). */
function challenge(code: ErrorCode, text?: string, more = ''): Failure {
  const error = code === 'unauthorized' ? '' : `, error="${code}"`
  const headers = { 'www-authenticate': `${CHALLENGE}${error}${more}` }
  return sharedFailure({ ...failureOf(code, text), headers })
}

/** No credential: then there is no error to name. */
export const UNAUTHORIZED = challenge('unauthorized')

/** A credential that lets nobody in, for whatever reason. */
export const INVALID_TOKEN = challenge('invalid_token')

/** The text of what lacks a scope. */
export function lackingText(scope: Scope): string {
  return `The API key or token does not allow this: it needs the scope ${scope}`
}

const INSUFFICIENT = new Map<Scope, Failure>(
  SCOPES.map((scope) => [
    scope,
    challenge('insufficient_scope', lackingText(scope), `, scope="${scope}"`),
  ]),
)

/** A credential that does not allow what was asked for. */
export function insufficientScope(scope: Scope): Failure {
  return INSUFFICIENT.get(scope) ?? failureOf('insufficient_scope', lackingText(scope))
}

/** A token where only an API key will do, whatever else it allows. */
export const KEY_REQUIRED = challenge(
  'insufficient_scope',
  "This needs an API key: a token allows no more than what is its user's own",
)
