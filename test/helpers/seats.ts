import type { Test } from 'tap'
import { createApi, type ApiAnswer } from './api.ts'
import { createHall, line } from './hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

/** The labels of the lines of the booking that an answer shows. */
export function labelsIn({ body }: ApiAnswer): string[][] {
  const { lines } = (body.booking ?? body) as { lines: { labels: string[] }[] }
  return lines.map(({ labels }) => labels)
}

/** A service as of `createApi`, and ways to look at numbered seats and to change them. */
export async function createSeatsApi(t: Test) {
  const api = await createApi(t)
  const { ask, reserve, readAll } = api
  const labelsOf = async (eventId: number, query: string, limit = 100): Promise<unknown[]> => {
    const seats = await readAll(`/events/${eventId}/seats${query}`, 'seats', limit)
    return seats.map(({ label }) => label)
  }
  /** Blocks seats, or gives them back to sale; refusals come in problem details. */
  const change = (eventId: number, how: 'block' | 'unblock', labels: string[], headers = {}) =>
    ask('POST', `/events/${eventId}/seats/${how}`, { labels }, { ...PROBLEM, ...headers })
  return {
    ...api,
    labelsOf,
    change,
    /** Lets the holds end whose time has come. */
    settle: (eventId: number) => ask('PATCH', `/events/${eventId}`, { name: 'Settled' }),
    createHall: () => createHall(api),
    /** A hall of which A-1-1 is held, A-1-2 booked, A-1-6 and B-1-2 blocked. */
    createUsed: async () => {
      const eventId = await createHall(api)
      const first = { lines: [line('stalls', ['A-1-1'])], hold: true }
      const held = await reserve(eventId, 'ann', first)
      const made = await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-2'])] })
      await change(eventId, 'block', ['A-1-6', 'B-1-2'])
      return { eventId, held: held.body.booking.id, booked: made.body.booking.id }
    },
  }
}
