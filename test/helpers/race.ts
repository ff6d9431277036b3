import type pg from 'pg'

/** Asks for a seat and gives the status of the answer. */
export type Reserve = (eventId: number, userId: string) => Promise<number>

export interface Attempt {
  readonly eventId: number
  readonly userId: string
}

/** A `Reserve` over HTTP, by turns to each of the services. */
export function reserveOver(baseUrls: readonly string[]): Reserve {
  let turn = 0
  return async (eventId, userId) => {
    const baseUrl = baseUrls[turn++ % baseUrls.length] ?? ''
    const response = await fetch(`${baseUrl}/api/bookings/reserve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event_id: eventId, user_id: userId }),
    })
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
  const counts: Record<number, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** `count` users who want one event. */
export function crowd(eventId: number, count: number): Attempt[] {
  return Array.from({ length: count }, (_, i) => ({ eventId, userId: `user ${i}` }))
}

/** The attempts in an order of their own, the same in each run of the suite. */
export function shuffle<T>(items: readonly T[], seed = 1): T[] {
  let state = seed
  // A linear congruential generator (Numerical Recipes): enough to mix, and repeatable.
  const next = (): number => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32)
  return items
    .map((item) => [next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}

export async function createEvent(pool: pg.Pool, totalSeats: number): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    'INSERT INTO events (name, total_seats) VALUES ($1, $2) RETURNING id',
    ['Race', totalSeats],
  )
  return rows[0]?.id ?? 0
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
