import { errors, jwtVerify, type CryptoKey, type JWTPayload, type JWTVerifyOptions } from 'jose'
import type { RequestTrace } from '../request-trace.ts'
import type { KeySet } from './key-set.ts'

/** No other, whatever a key or a token says: not `none`, and nothing with a shared secret. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']

/** Keys that a token is tried with which names none: a forged one must not cost more. */
const MAX_CANDIDATES = 4

/** How far an issuer's clock may be from ours. */
const CLOCK_TOLERANCE_SECONDS = 5

/**
 * The claims of a token that its issuer has signed (RFC 7519).
 *
 * @param expected - what it has to say of itself
 * @param trace - of the request that carries it
 * @throws as `jwtVerify` does
 */
export async function signedClaims(
  token: string,
  keys: KeySet,
  expected: Required<Pick<JWTVerifyOptions, 'issuer' | 'audience'>>,
  trace: RequestTrace | null,
): Promise<JWTPayload> {
  const options: JWTVerifyOptions = {
    ...expected,
    algorithms: ALGORITHMS,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  }
  try {
    return (await jwtVerify(token, (header) => keys.find(header, trace), options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    return claimsByAny(token, error, options)
  }
}

/** The key is among several, as while an issuer turns to a new one; most tokens name theirs. */
async function claimsByAny(
  token: string,
  candidates: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let left = MAX_CANDIDATES
  for await (const key of candidates) {
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (isGenuine(error)) throw error
    }
    left -= 1
    if (left === 0) break
  }
  throw new errors.JWSSignatureVerificationFailed()
}

/** Its text is one of ours, with nothing of a token in it. */
export class Refused extends Error {}

/** Of a token whose signature held. */
export class Unusable extends Refused {}

/** Whether an issuer of ours has signed it: claims are looked at once the signature has held. */
export function isGenuine(error: unknown): boolean {
  return (
    error instanceof Unusable ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTClaimValidationFailed
  )
}

/** Why a token is refused, for the log: other errors have what the token says in their texts. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message
  return error instanceof errors.JOSEError ? error.code : 'unusable key'
}
