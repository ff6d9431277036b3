import { hash, timingSafeEqual } from 'node:crypto'
import type { Scope } from './access.ts'

/** An API key: `rsv_<id>_<secret>`. */
export interface ApiKey {
  /** By which it is found: no secret, it stands in histories and logs. */
  readonly id: string
  /** 256 random bits as base64url. */
  readonly secret: string
}

/** What is known of a key beside its secret. Times are the database's. */
export interface ApiKeyRecord {
  readonly id: string
  readonly tenantId: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAt: Date
  /** Null for never. */
  readonly expiresAt: Date | null
  /** The beginning of the hour; null where it was not used yet. */
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

/** What a key is to be like. */
export type ApiKeyRequest = Pick<ApiKeyRecord, 'tenantId' | 'name' | 'scopes' | 'expiresAt'>

/** Keys of a tenant that let somebody in, at the most: who may make keys can't make them without end. */
export const MAX_USABLE_KEYS = 1000

/** Why a key is not made. */
export type KeyRefusal = 'expiry_past' | 'too_many_keys'

const HASH_BYTES = 32

const ID = /^[a-z0-9]{16}$/
const FORM = /^rsv_([a-z0-9]{16})_([\w-]{43})$/

/** The key as it is sent. It is a secret as a whole: the form lets scanners find one that leaked. */
export function formatApiKey({ id, secret }: ApiKey): string {
  return `rsv_${id}_${secret}`
}

/** The parts of a text that has the form of a key; undefined for any other. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = FORM.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** Whether a key could have this id. */
export function isApiKeyId(text: string): boolean {
  return ID.test(text)
}

/** What is stored of a secret: SHA-256 of its text, 32 bytes. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/** Filled anew for each comparison: a Buffer of its own would cost each request more than the hash. */
const presented = Buffer.alloc(HASH_BYTES)

/**
 * Whether a secret is the one that was hashed, in a time that does not tell how much of it is.
 *
 * @param secretHash - 32 bytes
 */
export function isSecretOf(secret: string, secretHash: Uint8Array): boolean {
  presented.write(hash('sha256', secret, 'binary'), 'latin1')
  return timingSafeEqual(presented, secretHash)
}
