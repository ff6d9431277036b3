import { Prisma } from '../generated/prisma/client.ts'
import type { Success } from '../domain/outcomes.ts'
import { IS_KEY_OVER } from './retention.ts'
import type { Sql } from './rows.ts'
import { successOf } from './stored-success.ts'
import { allowsWait } from './wait-for-locks.ts'

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

/** What there is under some keys. */
export interface FoundKeys {
  readonly live: ReadonlyMap<string, StoredSuccess>
  /** Those that are free again, and in the way of whoever uses them now. */
  readonly over: readonly string[]
}

/** A row as {@link rowsOfKeys} has it. */
export type KeyRow = readonly [key: string, fingerprint: string, response: unknown, isOver: boolean]

/** Names the advisory locks of keys; PostgreSQL keeps those of two numbers apart from all others. */
const KEY_LOCKS_CLASS = 24_231

/**
 * Locks the keys until the transaction ends, so that whoever works under one of them at the same
 * time is waited for now, and not met when the outcome is stored and everything is to be undone.
 * Keys share 64 locks, taken in order: PostgreSQL has room for no more in each transaction, as a
 * rule.
 *
 * @param lockTimeoutMs - how long the transaction waits from now on for a lock, past which this fails
 *   with SQLSTATE 55P03; null for as long as the session does
 */
export async function lockKeys(
  tx: Sql,
  keys: readonly string[],
  lockTimeoutMs: number | null,
): Promise<void> {
  if (keys.length === 0) return
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(${KEY_LOCKS_CLASS}::int, lock) FROM (
      SELECT DISTINCT hashtext(key) & 63 AS lock
      FROM json_array_elements_text(${JSON.stringify(keys)}::json) AS k(key)
      ORDER BY lock) AS locks
    ${lockTimeoutMs === null ? Prisma.empty : Prisma.sql`WHERE ${allowsWait(lockTimeoutMs)}`}`
}

/**
 * The rows under the keys as JSON, for a statement to carry along. All slots are looked into,
 * whichever are in use by the clock: a clock that is set back hides no key. The newest row of a key
 * comes last.
 */
export function rowsOfKeys(keys: readonly string[]): Prisma.Sql {
  return Prisma.sql`(
    SELECT COALESCE(json_agg(json_build_array(key, fingerprint, response, ${IS_KEY_OVER})
      ORDER BY created_at), '[]')
    FROM idempotency_keys
    WHERE ${isAmong(keys)})`
}

export function foundKeys(rows: readonly KeyRow[]): FoundKeys {
  const live = new Map<string, StoredSuccess>()
  const over: string[] = []
  for (const [key, fingerprint, response, isOver] of rows) {
    if (isOver) over.push(key)
    else live.set(key, { fingerprint, success: successOf(response) })
  }
  return { live, over }
}

/** What was committed under the keys. */
export async function loadSuccesses(
  sql: Sql,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StoredSuccess>> {
  const [row] = await sql.$queryRaw<[{ rows: string }]>`SELECT ${rowsOfKeys(keys)}::text AS rows`
  return foundKeys(JSON.parse(row.rows) as KeyRow[]).live
}

/** Makes room for keys that are used again, where their slot has not been emptied in time. */
export async function dropOverKeys(tx: Sql, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx.$executeRaw`
    DELETE FROM idempotency_keys WHERE ${isAmong(keys)} AND ${IS_KEY_OVER}`
}

function isAmong(keys: readonly string[]): Prisma.Sql {
  return Prisma.sql`key = ANY (ARRAY(SELECT json_array_elements_text(${JSON.stringify(keys)}::json)))`
}
