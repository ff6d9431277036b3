/** Who may do what, as far as the rules are concerned. How callers prove who they are is known elsewhere. */

/** Owns what nobody said an owner of: what the predecessor made, and all where there are no keys. */
export const DEFAULT_TENANT = 'default'

/** What a credential can allow. The names are part of the contract: they stand in keys that are stored. */
export const SCOPES = [
  'events:read',
  'events:write',
  'bookings:read',
  'bookings:write',
  'history:read',
  'admin',
] as const

export type Scope = (typeof SCOPES)[number]

const TENANT_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/

/**
 * Whether a tenant may be called so. The configuration (config/token-issuers.ts), which imports nothing from
 * here, and a CHECK constraint of `api_keys` say the same; test/domain/tenant-name.test.ts compares them.
 */
export function isTenantName(text: string): boolean {
  return TENANT_NAME.test(text)
}

/** Whether the text is the name of a scope. */
export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}

/** Who asks. */
export interface Caller {
  /** The only tenant whose events, and all that belongs to them, are there for the caller. */
  readonly tenantId: string
  /** Who it is, for the history: an API key's id or `user:<sub>`; null where nobody is told apart. */
  readonly actor: string | null
  /** The only user whose bookings and waitlist entries are there for the caller; null for all users. */
  readonly userId: string | null
}

/** A caller who has proved who it is, and what it may do. */
export interface Grant {
  readonly caller: Caller
  readonly scopes: ReadonlySet<Scope>
}

/** Whether a caller may do what asks for this scope; `admin` allows everything. */
export function allows(granted: ReadonlySet<Scope>, scope: Scope): boolean {
  return granted.has(scope) || granted.has('admin')
}

/**
 * Whether something of a user's is there for the caller.
 *
 * @param ofUser - null where it is not known whose it is
 */
export function isOwn({ userId }: Pick<Caller, 'userId'>, ofUser: string | null): boolean {
  return userId === null || userId === ofUser
}

/** The service itself, which asks on behalf of an event's owner. */
export function serviceOf(tenantId: string): Caller {
  return { tenantId, actor: null, userId: null }
}

/**
 * An idempotency key as it is remembered: within a tenant each key is one request, and so it is within
 * what is one user's, who must not be answered with what came of another user's. Of the parts only a
 * user's id may have a space in it, and so no two of them come to the same.
 */
export function keyWithin({ tenantId, userId }: Caller, key: string): string {
  if (userId !== null) return `${tenantId} ${userId} ${key}`
  // As the versions stored them that knew no tenants.
  return tenantId === DEFAULT_TENANT ? key : `${tenantId} ${key}`
}
