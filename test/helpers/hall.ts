import type { Api } from './api.ts'

/** Ten seats of a pool in two rows, and two that are of none. */
export const HALL = {
  sections: [
    {
      key: 'A',
      pool: 'stalls',
      rows: [
        { key: '1', seats: { from: 1, to: 6 } },
        { key: '2', seats: ['1', '2', '3', '4'] },
      ],
    },
    { key: 'B', pool: null, rows: [{ key: '1', seats: { from: 1, to: 2 } }] },
  ],
}

/** What an event sells that has them. */
export const OFFER = {
  total_seats: 12,
  max_seats_per_booking: 6,
  pools: [{ key: 'stalls', capacity: 10 }],
  ticket_types: [
    { key: 'stalls', name: 'Stalls', pools: ['stalls'] },
    { key: 'child', name: 'Child', pools: ['stalls'] },
    { key: 'box', name: 'Box', pools: [] },
  ],
}

/** Makes an event with these seats; its id. */
export async function createHall({ ask, createEvent }: Api): Promise<number> {
  const eventId = await createEvent(OFFER)
  await ask('PUT', `/events/${eventId}/seating`, HALL)
  return eventId
}

/** A line that names its seats. */
export function line(ticketType: string, labels: string[]) {
  return { ticket_type: ticketType, seats: labels.length, labels }
}

/** A line of which the service chooses the seats. */
export function best(ticketType: string, seats: number, bestAvailable: object = {}) {
  return { ticket_type: ticketType, seats, best_available: bestAvailable }
}
