import {
  hashSecret,
  MAX_USABLE_KEYS,
  type ApiKey,
  type ApiKeyRecord,
  type ApiKeyRequest,
  type KeyRefusal,
} from '../domain/api-key.ts'
import { Prisma } from '../generated/prisma/client.ts'
import {
  API_KEY_COLUMNS,
  apiKeyOf,
  usableKeyOf,
  type ApiKeyRow,
  type UsableKey,
  type UsableKeyRow,
} from './api-key-rows.ts'
import type { Sql } from './rows.ts'

/** Not revoked, and not expired by the database's clock. */
const IS_USABLE = Prisma.sql`
  revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())`

/** Names the advisory locks of tenants whose keys are counted; see those of idempotency keys. */
const TENANT_LOCKS_CLASS = 24_232

/** The hour, in UTC as all sessions are. */
const THIS_HOUR = Prisma.sql`date_trunc('hour', now())`

/** Reads those of the keys that let somebody in now. */
export async function readUsableKeys(
  sql: Sql,
  ids: readonly string[],
): Promise<Map<string, UsableKey>> {
  const rows = await sql.$queryRaw<UsableKeyRow[]>`
    SELECT id, tenant_id, scopes, secret_hash,
      extract(epoch FROM expires_at - clock_timestamp())::float8 * 1000 AS expires_in_ms,
      COALESCE(last_used_at >= ${THIS_HOUR}, false) AS is_use_known
    FROM api_keys
    WHERE id = ANY(string_to_array(${ids.join(',')}::text, ',')) AND ${IS_USABLE}`
  return new Map(rows.map((row) => [row.id, usableKeyOf(row)]))
}

/** Whether any key would let somebody in. */
export async function hasUsableKey(sql: Sql): Promise<boolean> {
  const [found] = await sql.$queryRaw<{ is_there: boolean }[]>`
    SELECT EXISTS (SELECT FROM api_keys WHERE ${IS_USABLE}) AS is_there`
  return found?.is_there === true
}

/**
 * Stores a new key, without its secret.
 *
 * @param tx - a transaction: until it ends no other key of the tenant's is stored
 * @returns what is against it, where nothing is stored
 */
export async function insertKey(
  tx: Sql,
  { id, secret }: ApiKey,
  { tenantId, name, scopes, expiresAt }: ApiKeyRequest,
): Promise<ApiKeyRecord | KeyRefusal> {
  // A statement of its own: the next one sees what was committed before the lock was there.
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(${TENANT_LOCKS_CLASS}::int, hashtext(${tenantId}::text))`
  if (await hasManyKeys(tx, tenantId)) return 'too_many_keys'
  const rows = await tx.$queryRaw<ApiKeyRow[]>`
    INSERT INTO api_keys (id, tenant_id, name, scopes, secret_hash, expires_at)
    SELECT ${id}::text, ${tenantId}::text, ${name}::text,
      string_to_array(${scopes.join(',')}::text, ',')::varchar[], ${hashSecret(secret)}::bytea, expiry
    FROM (SELECT ${expiresAt?.toISOString() ?? null}::text::timestamptz AS expiry) AS given
    WHERE expiry IS NULL OR expiry > clock_timestamp()
    RETURNING ${API_KEY_COLUMNS}`
  const [row] = rows
  return row === undefined ? 'expiry_past' : apiKeyOf(row)
}

/** Whether the tenant has as many usable keys as it may have. */
async function hasManyKeys(sql: Sql, tenantId: string): Promise<boolean> {
  // As the index `api_keys_usable_idx` has it, however many keys were revoked or have expired.
  const [found] = await sql.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM api_keys
      WHERE tenant_id = ${tenantId}::text AND revoked_at IS NULL
        AND COALESCE(expires_at, 'infinity') > statement_timestamp()
      LIMIT ${MAX_USABLE_KEYS}::int
    ) AS usable`
  return found === undefined || found.count >= MAX_USABLE_KEYS
}

/**
 * Revokes a key; one that is revoked already stays as it is.
 *
 * @param tenantId - null for a key of any tenant
 * @returns whether there is such a key
 */
export async function revokeKey(
  sql: Sql,
  { id, tenantId }: { id: string; tenantId: string | null },
): Promise<boolean> {
  const isTheirs = tenantId === null ? Prisma.empty : Prisma.sql`AND tenant_id = ${tenantId}::text`
  const found = await sql.$executeRaw`
    UPDATE api_keys SET revoked_at = COALESCE(revoked_at, now()) WHERE id = ${id}::text ${isTheirs}`
  return found > 0
}

/**
 * Writes down that keys are used in this hour. Rows that somebody else has locked are left out: most
 * likely another process writes the same.
 */
export async function noteUse(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.$executeRaw`
    UPDATE api_keys SET last_used_at = ${THIS_HOUR} WHERE id = ANY(ARRAY(
      SELECT id FROM api_keys
      WHERE id = ANY(string_to_array(${ids.join(',')}::text, ','))
        AND (last_used_at IS NULL OR last_used_at < ${THIS_HOUR})
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))`
}
