import type { ApiKeyRecord } from '../../domain/api-key.ts'
import { isoOf } from '../../domain/moment.ts'
import type { IssuedKey } from '../../engine/key-desk.ts'
import type { Answer } from '../../http/answer.ts'

/** A key as JSON: never its secret, nor the hash of it. */
export function apiKeyJson(key: ApiKeyRecord) {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    created_at: isoOf(key.createdAt),
    expires_at: isoOf(key.expiresAt),
    last_used_at: isoOf(key.lastUsedAt),
    revoked_at: isoOf(key.revokedAt),
  }
}

/** A key that was just made: the only answer that has it in it, and so none that a cache may keep. */
export function viewIssued({ record, key }: IssuedKey): Answer {
  return {
    status: 201,
    headers: { 'cache-control': 'no-store' },
    location: `/api/keys/${record.id}`,
    body: { ...apiKeyJson(record), key },
  }
}
