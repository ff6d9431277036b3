import type { Sql } from './rows.ts'

/** A request that is to take effect once, however often it is sent. */
export interface IdempotentRequest {
  readonly key: string
  /** Tells apart what is asked for: the same key for something else is a mistake of the client. */
  readonly fingerprint: string
}

export interface StoredResponse {
  readonly fingerprint: string
  /** What the HTTP side made of the outcome; opaque here. */
  readonly response: unknown
}

/** The responses that were committed under the keys. */
export async function loadResponses(
  tx: Sql,
  keys: readonly string[],
): Promise<Map<string, StoredResponse>> {
  if (keys.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ key: string; fingerprint: string; response: unknown }[]>`
    SELECT key, fingerprint, response FROM idempotency_keys
    WHERE key = ANY(${keys}::text[]) AND created_at > now() - interval '24 hours'`
  return new Map(rows.map(({ key, ...stored }) => [key, stored]))
}

/** Thrown where another transaction stored a response under the key meanwhile: try again. */
export class KeyTakenError extends Error {
  override readonly name = 'KeyTakenError'
}

/**
 * Stores responses in the transaction that does the work. A transaction that stores the same key
 * at the same time is waited for.
 *
 * @throws KeyTakenError
 */
export async function storeResponses(
  tx: Sql,
  responses: readonly (IdempotentRequest & { readonly response: unknown })[],
): Promise<void> {
  if (responses.length === 0) return
  // In the order of the keys: two transactions that share several cannot deadlock.
  const rows = responses.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const stored = await tx.$executeRaw`
    INSERT INTO idempotency_keys AS kept (key, fingerprint, response)
    SELECT key, fingerprint, response FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS k(key text, fingerprint text, response json)
    ON CONFLICT (key) DO UPDATE
      SET fingerprint = excluded.fingerprint, response = excluded.response, created_at = now()
      WHERE kept.created_at <= now() - interval '24 hours'`
  if (stored !== rows.length) throw new KeyTakenError('another request holds the key')
}
