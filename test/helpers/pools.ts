import type { Test } from 'tap'
import { createApi } from './api.ts'

/** Four seats; two of them in the front, which VIPs alone may have. */
export const HALL = {
  total_seats: 4,
  max_seats_per_booking: 4,
  pools: [{ key: 'front', capacity: 2 }],
  ticket_types: [
    { key: 'adult', name: 'Adult' },
    { key: 'vip', name: 'VIP', pools: ['front'], max_per_booking: 2 },
  ],
}

export const PROBLEM = { accept: 'application/problem+json' }

interface Shown {
  readonly ticket_types: readonly { readonly available: number }[]
  readonly pools: readonly { readonly capacity: number; readonly available: number }[]
  readonly available_seats: number
  readonly waitlist_length: number
}

/** A line, as it is asked for. */
export const of = (ticketType: string, seats = 1) => ({ ticket_type: ticketType, seats })

/** Lines of seats without numbers, as they are shown. */
export const shown = (...lines: readonly ReturnType<typeof of>[]) =>
  lines.map((line) => ({ ...line, labels: [] }))

/** What is left of the pools of an event. */
export const leftIn = ({ pools }: Shown): number[] => pools.map(({ available }) => available)

/** A service as of `createApi`, and ways to look at events with pools, and at refusals. */
export async function createPoolsApi(t: Test) {
  const api = await createApi(t)
  const { ask } = api
  return {
    ...api,
    eventOf: async (id: number): Promise<Shown> => {
      const { body }: { body: Shown } = await ask('GET', `/events/${id}`)
      return body
    },
    /** Problem details of a reservation that is refused. */
    problemOf: async (eventId: number, userId: string, more: object): Promise<object> => {
      const request = { event_id: eventId, user_id: userId, ...more }
      const { body }: { body: object } = await ask('POST', '/bookings/reserve', request, PROBLEM)
      return body
    },
  }
}
