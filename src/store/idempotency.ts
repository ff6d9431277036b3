import { Prisma } from '../generated/prisma/client.ts'
import type { Success } from '../domain/outcomes.ts'
import { IDEMPOTENCY_RETENTION_HOURS } from '../domain/policy.ts'
import type { Sql } from './rows.ts'
import { successOf } from './stored-success.ts'

/** A request that is to take effect once, however often it is sent. */
export interface IdempotentRequest {
  readonly key: string
  /** Tells apart what is asked for: the same key for something else is a mistake of the client. */
  readonly fingerprint: string
}

/** What came of a request the first time. */
export interface StoredSuccess {
  readonly fingerprint: string
  readonly success: Success
}

const RETENTION = Prisma.sql`make_interval(hours => ${IDEMPOTENCY_RETENTION_HOURS}::int)`

/** Names the advisory locks of keys; PostgreSQL keeps those of two numbers apart from all others. */
const KEY_LOCKS_CLASS = 24_231

/**
 * Locks the keys until the transaction ends, so that whoever works under one of them at the same
 * time is waited for now, and not met when the outcome is stored and everything is to be undone.
 * Keys share 64 locks, taken in order: PostgreSQL has room for no more in each transaction, as a
 * rule.
 */
export async function lockKeys(tx: Sql, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(${KEY_LOCKS_CLASS}::int, lock) FROM (
      SELECT DISTINCT hashtext(key) & 63 AS lock FROM unnest(${[...keys]}::text[]) AS k(key)
      ORDER BY lock) AS locks`
}

/** What was committed under the keys. */
export async function loadSuccesses(
  tx: Sql,
  keys: readonly string[],
): Promise<Map<string, StoredSuccess>> {
  if (keys.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ key: string; fingerprint: string; response: unknown }[]>`
    SELECT key, fingerprint, response FROM idempotency_keys
    WHERE key = ANY(${[...keys]}::text[]) AND created_at > now() - ${RETENTION}`
  return new Map(
    rows.map(({ key, fingerprint, response }) => [
      key,
      { fingerprint, success: successOf(response) },
    ]),
  )
}

/** Thrown where another transaction has used the key meanwhile: try again. */
export class KeyTakenError extends Error {
  override readonly name = 'KeyTakenError'
}

/**
 * Remembers successes in the transaction that does the work. A transaction that uses the same key
 * at the same time is waited for.
 *
 * @throws KeyTakenError
 */
export async function storeSuccesses(
  tx: Sql,
  successes: readonly (IdempotentRequest & { readonly success: Success })[],
): Promise<void> {
  if (successes.length === 0) return
  // In the order of the keys: two transactions that share several cannot deadlock.
  const rows = successes
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, fingerprint, success }) => ({ key, fingerprint, response: success }))
  const stored = await tx.$executeRaw`
    INSERT INTO idempotency_keys AS kept (key, fingerprint, response)
    SELECT key, fingerprint, response FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS k(key text, fingerprint text, response json)
    ON CONFLICT (key) DO UPDATE
      SET fingerprint = excluded.fingerprint, response = excluded.response, created_at = now()
      WHERE kept.created_at <= now() - ${RETENTION}`
  if (stored !== rows.length) throw new KeyTakenError('another request holds the key')
}
