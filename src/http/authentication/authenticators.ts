import type { Caller, Grant, Scope } from '../../domain/access.ts'
import { parseApiKey } from '../../domain/api-key.ts'
import type { KeyRing } from '../../engine/key-ring.ts'
import type { RequestTrace } from '../request-trace.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'

/** Tells what credentials of some form allow. */
export interface Authenticator {
  /** What the credential allows, where that is known by now: at once, as the hot path needs it. */
  readonly atHand?: (credential: string) => Grant | undefined
  /**
   * Finds out; null for a credential that is nobody's, undefined for one of another form.
   *
   * @param isAbandoned - true where nobody waits for the answer any more
   * @param trace - of the request; null where it is not traced
   * @throws HttpError `invalid_token` for one that lets nobody in and yet may be no attempt to guess one
   */
  readonly ask: (
    credential: string,
    isAbandoned: () => boolean,
    trace: RequestTrace | null,
  ) => Promise<Grant | null> | null | undefined
}

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
  return {
    atHand(credential) {
      const key = parseApiKey(credential)
      return key === undefined ? undefined : ring.atHand(key)
    },
    ask(credential, isAbandoned) {
      const key = parseApiKey(credential)
      return key === undefined ? undefined : ring.ask(key, isAbandoned)
    },
  }
}

/** Users' tokens. */
export function tokenAuthenticator(verifier: Pick<TokenVerifier, 'verify'>): Authenticator {
  return {
    ask: (credential, _isAbandoned, trace) =>
      TOKEN_FORM.test(credential) ? grantOf(verifier.verify(credential, trace)) : undefined,
  }
}

async function grantOf(verified: Promise<Caller | null>): Promise<Grant | null> {
  const caller = await verified
  return caller === null ? null : { caller, scopes: TOKEN_SCOPES }
}
