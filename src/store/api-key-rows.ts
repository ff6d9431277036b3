import { isScope, type Grant } from '../domain/access.ts'
import type { ApiKeyRecord } from '../domain/api-key.ts'
import { momentOf } from '../domain/moment.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** A key as whoever checks credentials needs it. */
export interface UsableKey {
  readonly id: string
  readonly secretHash: Uint8Array
  readonly grant: Grant
  /** Milliseconds until it expires, from when it was read; null for never. */
  readonly expiresInMs: number | null
  /** Whether the table tells already that it is used in this hour. */
  readonly isUseKnown: boolean
}

export interface UsableKeyRow {
  id: string
  tenant_id: string
  scopes: string[]
  secret_hash: Uint8Array
  expires_in_ms: number | null
  is_use_known: boolean
}

export interface ApiKeyRow {
  id: string
  tenant_id: string
  name: string
  scopes: string[]
  created_at: Date
  expires_at: Date | null
  last_used_at: Date | null
  revoked_at: Date | null
}

/** What an `ApiKeyRow` is read from: never the hash. */
export const API_KEY_COLUMNS = Prisma.sql`
  id, tenant_id, name, scopes, created_at, expires_at, last_used_at, revoked_at`

export function usableKeyOf(row: UsableKeyRow): UsableKey {
  return {
    id: row.id,
    secretHash: row.secret_hash,
    grant: {
      caller: { tenantId: row.tenant_id, actor: row.id, userId: null },
      // A later version may know others.
      scopes: new Set(row.scopes.filter(isScope)),
    },
    expiresInMs: row.expires_in_ms,
    isUseKnown: row.is_use_known,
  }
}

export function apiKeyOf(row: ApiKeyRow): ApiKeyRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    scopes: row.scopes.filter(isScope),
    createdAt: momentOf(row.created_at),
    expiresAt: momentOrNull(row.expires_at),
    lastUsedAt: momentOrNull(row.last_used_at),
    revokedAt: momentOrNull(row.revoked_at),
  }
}

function momentOrNull(moment: Date | null): Date | null {
  return moment === null ? null : momentOf(moment)
}
