import type { FastifyBaseLogger } from 'fastify'
import { decodeJwt } from 'jose'
import type { TokenIssuer } from '../../config/token-issuers.ts'
import type { Caller } from '../../domain/access.ts'
import { HttpError } from '../errors.ts'
import type { RequestTrace } from '../request-trace.ts'
import { isUserId } from '../validation/user-id.ts'
import { fetchKeys } from './fetch-keys.ts'
import { KeySet } from './key-set.ts'
import { isGenuine, reasonOf, Refused, signedClaims, Unusable } from './signed-claims.ts'

/** Longer tokens are not looked at. */
export const MAX_TOKEN_LENGTH = 8192

export interface TokenVerifierOptions {
  readonly issuers: readonly TokenIssuer[]
  /** How long an issuer may take to show its keys. */
  readonly keysTimeoutMs: number
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'debug'>
  /** Milliseconds that only grow, for the age of keys. */
  readonly now?: () => number
}

interface Trusted extends TokenIssuer {
  readonly keys: KeySet
}

/** Tells for whom a token is, by the issuers that the operator has named (RFC 7519). */
export class TokenVerifier {
  readonly #log: TokenVerifierOptions['log']
  readonly #trusted: ReadonlyMap<string, Trusted>

  constructor(options: TokenVerifierOptions) {
    const { issuers, log } = options
    const urls = new Set(issuers.map(({ jwksUrl }) => jwksUrl))
    const keySets = new Map(Array.from(urls, (url) => [url, keySetAt(url, options)]))
    this.#log = log
    this.#trusted = new Map(
      issuers.flatMap((issuer) => {
        const keys = keySets.get(issuer.jwksUrl)
        return keys === undefined
          ? []
          : [[pairOf(issuer.issuer, issuer.audience), { ...issuer, keys }]]
      }),
    )
  }

  /**
   * Who asks with this token: a user of the tenant that its issuer and audience are set for. Null for
   * one that no such issuer has signed. Neither its text nor its claims are told or logged.
   *
   * @param trace - of the request that carries it
   * @throws HttpError `invalid_token` for one that its issuer has signed and that lets nobody in, such as
   *   one that has expired, or has just been signed with a key that we can't know yet;
   *   `token_keys_unavailable` where its issuer's keys can't be had
   */
  async verify(token: string, trace: RequestTrace | null = null): Promise<Caller | null> {
    try {
      const trusted = this.#issuerOf(token)
      const userId = await subjectOf(token, trusted, trace)
      return { tenantId: trusted.tenantId, actor: `user:${userId}`, userId }
    } catch (error) {
      if (error instanceof HttpError) throw error
      this.#log.debug({ reason: reasonOf(error) }, 'token refused')
      if (isGenuine(error)) throw new HttpError('invalid_token')
      return null
    }
  }

  /** By what the token says of itself, which proves nothing yet. */
  #issuerOf(token: string): Trusted {
    if (token.length > MAX_TOKEN_LENGTH) throw new Refused('too long')
    const { iss = '', aud = [] } = decodeJwt(token)
    const audiences = new Set(typeof aud === 'string' ? [aud] : aud)
    const fitting = Array.from(audiences, (audience) => this.#trusted.get(pairOf(iss, audience)))
    const [trusted, ...others] = fitting.filter((one) => one !== undefined)
    if (trusted === undefined) throw new Refused('unknown issuer or audience')
    // It would be left to the order in its text whose it is.
    if (others.some(({ tenantId }) => tenantId !== trusted.tenantId)) {
      throw new Refused('audiences of two tenants')
    }
    return trusted
  }
}

async function subjectOf(
  token: string,
  { keys, issuer, audience }: Trusted,
  trace: RequestTrace | null,
): Promise<string> {
  const { sub } = await signedClaims(token, keys, { issuer, audience }, trace)
  if (!isUserId(sub)) throw new Unusable('subject can be no user_id')
  return sub
}

function keySetAt(url: string, { keysTimeoutMs, log, now }: TokenVerifierOptions): KeySet {
  const { host } = new URL(url)
  return new KeySet({
    fetch: (trace) => fetchKeys(url, keysTimeoutMs, trace),
    onFailure: (err) => {
      log.warn({ host, err }, 'the keys of a token issuer cannot be fetched')
    },
    ...(now !== undefined && { now }),
  })
}

function pairOf(issuer: string, audience: string): string {
  return JSON.stringify([issuer, audience])
}
