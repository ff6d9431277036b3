import type { JSONWebKeySet } from 'jose'
import type { RequestTrace } from '../request-trace.ts'

/** Far more than any issuer shows; a set that grows without end must not fill the memory. */
export const MAX_KEYS_BYTES = 262_144

/**
 * Fetches an issuer's keys. They are taken from where the operator said, and from nowhere else: a
 * redirect is a failure.
 *
 * @param timeoutMs - for all of it, to the last byte
 * @param trace - of the request for which they are fetched
 * @throws Error where there is no whole answer in time, or none that is a JWK Set
 */
export function fetchKeys(
  url: string,
  timeoutMs: number,
  trace: RequestTrace | null = null,
): Promise<JSONWebKeySet> {
  if (trace === null) return fetchKeySet(url, timeoutMs, {})
  return trace.ask('GET', url, (headers) => fetchKeySet(url, timeoutMs, headers))
}

async function fetchKeySet(
  url: string,
  timeoutMs: number,
  headers: Readonly<Record<string, string>>,
): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/jwk-set+json, application/json', ...headers },
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await textOf(response)
  if (response.status !== 200) throw new Error(`The answer has the status ${response.status}`)
  const set: unknown = JSON.parse(text)
  if (!isKeySet(set)) throw new Error('The answer is not a JWK Set')
  return set
}

/** By its form (RFC 7517, section 5): a key that can't be used is found out when a token names it. */
function isKeySet(set: unknown): set is JSONWebKeySet {
  return isObject(set) && Array.isArray(set['keys']) && set['keys'].every(isObject)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Counted as it is decoded: a small answer can be a large text. */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return ''
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks).toString()
    bytes += value.byteLength
    chunks.push(value)
    if (bytes > MAX_KEYS_BYTES) {
      // Otherwise the rest would go on arriving.
      await reader.cancel()
      throw new Error(`The answer has more than ${MAX_KEYS_BYTES} bytes`)
    }
  }
}
