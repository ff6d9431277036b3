/** The scheme, in any case (RFC 9110, section 11.1), and a b64token (RFC 6750, section 2.1). */
const BEARER = /^bearer +([\w.~+/-]+=*) *$/i
const ANY_BEARER = /^bearer +[^ ]/i

/** What a header carries that is no b64token, and so nobody's credential. */
const MALFORMED = ''

/**
 * The credential of an `Authorization` header; undefined where there is none, or one of another scheme.
 * What is not of the scheme's form is the empty text.
 */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const [, credential] = BEARER.exec(authorization) ?? []
  return credential ?? (ANY_BEARER.test(authorization) ? MALFORMED : undefined)
}
