import type { Test } from 'tap'
import type { ApiAnswer } from './api.ts'
import { createTestApp } from './app.ts'
import { createTestDatabase } from './database.ts'
import { createKey, type TestKey } from './keys.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Ids of what belongs to one of the tenants, or to nobody. */
export interface Ids {
  readonly event: number
  readonly booking: number
  /** A hold that has expired, and is gone. */
  readonly expired: number
  readonly entry: number
}

/** Nobody's. */
export const MISSING: Ids = { event: 1e9, booking: 1e9, expired: 1e9, entry: 1e9 }

/** A service on which each tenant asks by a key of its own. */
export async function createTenants(t: Test) {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { AUTH: 'keys' } })
  const keys = new Map<string, Promise<TestKey>>()
  const keyOf = (tenant: string): Promise<TestKey> => {
    const key = keys.get(tenant) ?? createKey(database.pool, { tenant })
    keys.set(tenant, key)
    return key
  }

  const ask = async (
    as: string,
    method: Method,
    url: string,
    payload?: object,
    key?: string,
  ): Promise<ApiAnswer & { readonly text: string }> => {
    const { headers: authorization } = await keyOf(as)
    const headers = { ...authorization, ...(key !== undefined && { 'idempotency-key': key }) }
    const body = payload === undefined ? {} : { payload }
    const response = await app.inject({ method, url: `/api${url}`, headers, ...body })
    const { statusCode: status, body: text } = response
    const isJson = /json/.test(String(response.headers['content-type']))
    return { status, headers: response.headers, body: isJson ? response.json() : null, text }
  }
  /** An event with numbered seats that is sold out, a user in line, and a hold that has expired. */
  const fill = async (as: string): Promise<Ids> => {
    const made = await ask(as, 'POST', '/events', { name: 'Concert', total_seats: 2 })
    const event = Number(made.body.id)
    const rows = [{ key: '1', seats: { from: 1, to: 2 } }]
    await ask(as, 'PUT', `/events/${event}/seating`, { sections: [{ key: 'A', rows }] })
    const reserve = (user_id: string, more: object = {}) =>
      ask(as, 'POST', '/bookings/reserve', { event_id: event, user_id, ...more })
    const ann = await reserve('ann')
    const bob = await reserve('bob', { hold: true })
    const expired = Number(bob.body.booking.id)
    await database.pool.query('UPDATE bookings SET expires_at = now() WHERE id = $1', [expired])
    await reserve('cid')
    const dan = await reserve('dan', { waitlist: true })
    const entry = Number(dan.body.waitlist_entry.id)
    return { event, booking: Number(ann.body.booking.id), expired, entry }
  }
  /** The values of a member, such as their ids, of what is on a page of a list. */
  const list = async (as: string, url: string, member: string): Promise<unknown[]> => {
    const { body } = await ask(as, 'GET', url)
    const rows: Record<string, unknown>[] = body.events ?? body.bookings
    return rows.map((row) => row[member])
  }
  return { app, ask, fill, list, database, keyOf }
}
