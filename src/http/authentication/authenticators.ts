import type { Caller, Grant, Scope } from '../../domain/access.ts'
import { parseApiKey, type ApiKey } from '../../domain/api-key.ts'
import type { KeyRing } from '../../engine/key-ring.ts'
import type { RequestTrace } from '../request-trace.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'

/**
 * Recognizes credentials of some form. Gives what the credential allows where that is known by now: at
 * once, as the hot path needs it. Otherwise how to find out; undefined for one of another form.
 */
export type Authenticator = (credential: string) => Grant | Ask | undefined

/**
 * Finds out what a credential allows; null for one that is nobody's.
 *
 * @param isAbandoned - true where nobody waits for the answer any more
 * @param trace - of the request; null where it is not traced
 * @throws HttpError `invalid_token` for one that lets nobody in and yet may be no attempt to guess one
 */
export type Ask = (isAbandoned: () => boolean, trace: RequestTrace | null) => Promise<Grant | null>

/** What a user may do who comes with a token of his own. */
export const TOKEN_SCOPES: ReadonlySet<Scope> = new Set<Scope>([
  'events:read',
  'bookings:read',
  'bookings:write',
])

/** Three parts, as a signed JWT has them in the compact form (RFC 7515, section 7.1). */
const TOKEN_FORM = /^[^.]+\.[^.]+\.[^.]+$/

/** API keys. */
export function keyAuthenticator(ring: KeyRing): Authenticator {
  return (credential) => {
    const key = parseApiKey(credential)
    if (key === undefined) return undefined
    return ring.atHand(key) ?? askFor(ring, key)
  }
}

// Apart from the function above, which would otherwise set the key aside for it when that is at hand too.
function askFor(ring: KeyRing, key: ApiKey): Ask {
  return (isAbandoned) => ring.ask(key, isAbandoned)
}

/** Users' tokens. */
export function tokenAuthenticator(verifier: Pick<TokenVerifier, 'verify'>): Authenticator {
  return (credential) => {
    if (!TOKEN_FORM.test(credential)) return undefined
    return (_isAbandoned, trace) => grantOf(verifier.verify(credential, trace))
  }
}

async function grantOf(verified: Promise<Caller | null>): Promise<Grant | null> {
  const caller = await verified
  return caller === null ? null : { caller, scopes: TOKEN_SCOPES }
}
