import type { Api } from './api.ts'
import { answersOf, NDJSON, type ImportAnswer } from './import.ts'

type Sent = Record<string, string>

/** Imports that are sent at once and answered as a whole, each under its event's key unless told otherwise. */
export function importerOf({ app }: Pick<Api, 'app'>) {
  const ask = (eventId: number, payload: string | Buffer, headers: Sent = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/events/${eventId}/bookings/import`,
      headers: { 'content-type': NDJSON, 'idempotency-key': `import-${eventId}`, ...headers },
      payload,
    })
  return {
    ask,
    send: async (...asked: Parameters<typeof ask>) => answersOf((await ask(...asked)).body),
  }
}

/** What of an answer a test is about. */
export const told = ({ line: number, status, error }: ImportAnswer) =>
  error === undefined ? [number, status] : [number, status, error.code, error.detail]
