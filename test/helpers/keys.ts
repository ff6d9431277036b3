import type pg from 'pg'
import { SCOPES, type Scope } from '../../src/domain/access.ts'
import { formatApiKey, hashSecret } from '../../src/domain/api-key.ts'
import { generateApiKey } from '../../src/engine/new-api-key.ts'

export interface TestKey {
  readonly id: string
  readonly secret: string
  /** The key as it is sent. */
  readonly key: string
  readonly headers: { readonly authorization: string }
}

/** Stores a key past the service. */
export async function createKey(
  pool: pg.Pool,
  { tenant = 'acme', scopes = ['admin'] }: { tenant?: string; scopes?: readonly Scope[] } = {},
): Promise<TestKey> {
  const { id, secret } = generateApiKey()
  await pool.query(
    `INSERT INTO api_keys (id, tenant_id, name, scopes, secret_hash) VALUES ($1, $2, 'test', $3, $4)`,
    [id, tenant, scopes, hashSecret(secret)],
  )
  const key = formatApiKey({ id, secret })
  return { id, secret, key, headers: { authorization: `Bearer ${key}` } }
}

/** All scopes but this one, and but `admin`. */
export function allBut(scope: Scope): Scope[] {
  return SCOPES.filter((other) => other !== scope && other !== 'admin')
}
