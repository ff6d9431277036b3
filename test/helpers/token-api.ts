import type { Test } from 'tap'
import { createApi } from './api.ts'
import { AUDIENCE, createIssuer, createKey, createToken, ISSUER } from './issuer.ts'

/** A service that takes tokens of two tenants, and ways to ask it as one of their users. */
export async function createTokenApi(t: Test, more: Record<string, string> = {}) {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const issuers = ['acme', 'globex'].map((tenant) => ({
    tenant,
    issuer: ISSUER,
    audience: tenant === 'acme' ? AUDIENCE : tenant,
    jwks_url: issuer.jwksUrl,
  }))
  const environment = { AUTH: 'keys', TOKEN_ISSUERS: JSON.stringify(issuers), ...more }
  const { ask, app, database, expire } = await createApi(t, environment)

  async function as(sub: string, aud: string = AUDIENCE) {
    const authorization = `Bearer ${await createToken(key, { sub, aud })}`
    const askWith = (
      method: Parameters<typeof ask>[0],
      url: string,
      payload?: object,
      headers: Record<string, string> = {},
    ) => ask(method, url, payload, { authorization, ...headers })
    return {
      authorization,
      ask: askWith,
      reserve: (eventId: number, more: object = {}, headers: Record<string, string> = {}) =>
        askWith('POST', '/bookings/reserve', { event_id: eventId, ...more }, headers),
    }
  }
  return {
    app,
    database,
    issuer,
    key,
    ask,
    as,
    expire,
    /** Makes an event of the tenant's, as somebody with a key would. */
    createEvent: async (totalSeats: number, tenant = 'acme'): Promise<number> => {
      const { rows } = await database.pool.query<{ id: number }>(
        `INSERT INTO events (name, total_seats, max_seats_per_booking, tenant_id)
         VALUES ('Concert', $1, 4, $2) RETURNING id`,
        [totalSeats, tenant],
      )
      return Number(rows[0]?.id)
    },
  }
}
