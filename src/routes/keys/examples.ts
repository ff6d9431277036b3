import type { Scope } from '../../domain/access.ts'

// Of the documentation.

const scopes: Scope[] = ['bookings:read', 'bookings:write']

export const apiKeyInputExample = { name: 'Box office', scopes }

export const apiKeyExample = {
  id: '7k2m9x4qp1c8v0zt',
  name: 'Box office',
  scopes,
  created_at: '2026-01-15T10:30:00.000Z',
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
}

export const issuedApiKeyExample = {
  ...apiKeyExample,
  key: 'rsv_7k2m9x4qp1c8v0zt_this-is-an-example-and-lets-nobody-in-00000',
}
