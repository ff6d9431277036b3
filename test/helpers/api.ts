import type { Test } from 'tap'
import { createTestApp } from './app.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Record<string, unknown>
  // Looked at as it comes.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

/** What `createApi` gives. */
export type Api = Awaited<ReturnType<typeof createApi>>

/**
 * A service on a database of the test's own, and short ways to ask it.
 *
 * @param given - a database that has something in it already
 */
export async function createApi(
  t: Test,
  environment: Record<string, string> = {},
  given?: TestDatabase,
) {
  const database = given ?? (await createTestDatabase(t))
  const app = await createTestApp(t, { database, environment })

  async function ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const body = payload === undefined ? {} : { payload }
    const response = await app.inject({ method, url: `/api${url}`, headers, ...body })
    return {
      status: response.statusCode,
      headers: response.headers,
      body: response.body === '' ? null : response.json(),
    }
  }

  return {
    app,
    database,
    ask,
    /** Makes an event; its id. */
    createEvent: async (settings: object = {}): Promise<number> => {
      const event = { name: 'Concert', total_seats: 2, ...settings }
      const { body } = await ask('POST', '/events', event)
      return Number(body.id)
    },
    reserve: (eventId: number, userId: string, more: object = {}) =>
      ask('POST', '/bookings/reserve', { event_id: eventId, user_id: userId, ...more }),
    /** Makes a hold one that has expired this instant. */
    expire: async (bookingId: number): Promise<void> => {
      await database.pool.query('UPDATE bookings SET expires_at = now() WHERE id = $1', [bookingId])
    },
    /** All entries of a list, page by page. */
    readAll: async (
      url: string,
      list: string,
      limit: number,
      headers: Record<string, string> = {},
    ): Promise<Record<string, unknown>[]> => {
      const entries: Record<string, unknown>[] = []
      let cursor = ''
      for (;;) {
        const separator = url.includes('?') ? '&' : '?'
        const page = `${url}${separator}limit=${limit}${cursor}`
        const { body } = await ask('GET', page, undefined, headers)
        entries.push(...body[list])
        if (body.next_cursor === null) return entries
        cursor = `&cursor=${body.next_cursor}`
      }
    },
  }
}
