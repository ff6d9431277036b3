import type pg from 'pg'
import type { EventSettings } from '../../src/domain/model.ts'

/** Asks for a seat and gives the status of the answer. */
export type Reserve = (eventId: number, userId: string) => Promise<number>

export interface Attempt {
  readonly eventId: number
  readonly userId: string
}

/** Asks a service for a seat, over a connection of its own. */
export function fetchSeat(baseUrl: string, { eventId, userId }: Attempt): Promise<Response> {
  return fetch(`${baseUrl}/api/bookings/reserve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ event_id: eventId, user_id: userId }),
  })
}

/** A `Reserve` over HTTP, by turns to each of the services. */
export function reserveOver(baseUrls: readonly string[]): Reserve {
  let turn = 0
  return async (eventId, userId) => {
    const response = await fetchSeat(baseUrls[turn++ % baseUrls.length] ?? '', { eventId, userId })
    await response.arrayBuffer()
    return response.status
  }
}

/** Sends all attempts at once; gives how many answers had which status. */
export async function race(
  reserve: Reserve,
  attempts: readonly Attempt[],
): Promise<Record<number, number>> {
  const statuses = await Promise.all(
    attempts.map(({ eventId, userId }) => reserve(eventId, userId)),
  )
  return countEach(statuses)
}

/** How often each of the values occurs. */
export function countEach(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** `count` users who want one event. */
export function crowd(eventId: number, count: number): Attempt[] {
  return Array.from({ length: count }, (_, i) => ({ eventId, userId: `user ${i}` }))
}

/** Makes an event by SQL; the settings that are not given are the table's own defaults. */
export async function createEvent(
  pool: pg.Pool,
  totalSeats: number,
  settings: Partial<EventSettings> = {},
): Promise<number> {
  const columns = {
    name: settings.name ?? 'Race',
    total_seats: totalSeats,
    max_seats_per_booking: settings.maxSeatsPerBooking,
    hold_seconds: settings.holdSeconds,
    waitlist_promotes_to: settings.waitlistPromotesTo,
  }
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  const names = given.map(([name]) => name).join(', ')
  const places = given.map((_, i) => `$${i + 1}`).join(', ')
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (${names}) VALUES (${places}) RETURNING id`,
    given.map(([, value]) => value),
  )
  const [row] = rows
  if (row === undefined) throw new Error('no event was inserted')
  return row.id
}

/** What the tables say of an event: the rows, the users among them, and the counter. */
export async function seatsOf(
  pool: pg.Pool,
  eventId: number,
): Promise<{ rows: number; users: number; taken: number }> {
  const { rows } = await pool.query<{ rows: number; users: number; taken: number }>(
    `SELECT count(b.id)::int AS rows, count(DISTINCT b.user_id)::int AS users, e.taken
     FROM events e LEFT JOIN bookings b ON b.event_id = e.id
     WHERE e.id = $1 GROUP BY e.id`,
    [eventId],
  )
  return rows[0] ?? { rows: 0, users: 0, taken: 0 }
}
