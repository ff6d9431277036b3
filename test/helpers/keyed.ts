import type { Test } from 'tap'
import { createApi, type Api, type ApiAnswer } from './api.ts'

export type Call = [method: Parameters<Api['ask']>[0], url: string, payload?: object]

/** A service that is asked under idempotency keys. */
export async function createKeyed(t: Test) {
  const api = await createApi(t)
  const { ask, createEvent, reserve } = api
  let keys = 0
  return {
    ...api,
    nextKey: () => `"key-${(keys += 1)}"`,
    send: ([method, url, payload]: Call, key: string) =>
      ask(method, url, payload, { 'idempotency-key': key }),
    makeHold: async () => {
      const eventId = await createEvent({ total_seats: 4, max_seats_per_booking: 4 })
      const { body } = await reserve(eventId, 'ann', { hold: true })
      return { eventId, url: `/bookings/${body.booking.id}` }
    },
  }
}

/** What of an answer is the same when it is given again. */
export const shown = ({ status, body, headers }: ApiAnswer) => {
  return { status, body, location: headers['location'], etag: headers['etag'] }
}
