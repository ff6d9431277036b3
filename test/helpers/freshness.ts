import type pg from 'pg'
import type { TestDatabase } from './database.ts'
import { createEvent } from './race.ts'

export interface Seen {
  readonly status: number
  // Looked at as it comes.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

/** Sends a request to one process. */
export type Ask = (method: string, path: string, payload?: object) => Promise<Seen>

/** Something that changes while it is read, as clients see it. */
export interface Changing {
  /** The answer's path, and what is looked at of it. */
  readonly path: string
  readonly look: (answer: Seen) => unknown
  /** Changes it by a request to a process, or past them; what it is seen as from then on. */
  readonly change: (round: number, ask: Ask) => Promise<unknown>
  /** Part of the statement that reads it, where readers share it. */
  readonly statement: string | undefined
}

export interface Staleness {
  /** Reads that were to show the change that came before them, and those that did not. */
  readonly reads: number
  readonly stale: number
  /** All answers, those of the storm among them. */
  readonly answers: number
}

const ROUNDS = 20
/** Readers without a pause for each process: there is always one whose read is under way. */
const STORM = 8

/** All that is read together with others, and a page of a list. */
export async function changingThings({ pool }: TestDatabase): Promise<Record<string, Changing>> {
  const [hot, held, queued] = [
    await createEvent(pool, 1000),
    await createEvent(pool, 10, { maxSeatsPerBooking: 10 }),
    await createEvent(pool, 1),
  ]
  await pool.query(`INSERT INTO bookings (event_id, user_id) VALUES ($1, 'a')`, [queued])
  const bookingId = await insert(`INSERT INTO bookings (event_id, user_id) VALUES (${held}, 'ann')`)
  const line: number[] = []
  for (let place = 0; place <= ROUNDS; place += 1) {
    line.push(
      await insert(
        `INSERT INTO waitlist_entries (event_id, user_id) VALUES (${queued}, 'user ${place}')`,
      ),
    )
  }

  async function insert(sql: string): Promise<number> {
    const { rows } = await pool.query<{ id: number }>(`${sql} RETURNING id`)
    return rows[0]?.id ?? 0
  }
  const resize = async (round: number, ask: Ask): Promise<number> => {
    const seats = 1 + (round % 10)
    await ask('PATCH', `/api/bookings/${bookingId}`, { seats })
    return seats
  }
  return {
    event: {
      path: `/api/events/${hot}`,
      look: ({ body }): unknown => body.booked_seats,
      change: async (round, ask) => {
        const booking = { event_id: hot, user_id: `user ${round}` }
        await ask('POST', '/api/bookings/reserve', booking)
        return round
      },
      statement: 'AS expired',
    },
    booking: {
      path: `/api/bookings/${bookingId}`,
      look: ({ body }): unknown => body.seats,
      change: resize,
      statement: 'WHERE id = b.event_id) IS NULL',
    },
    'waitlist entry': {
      path: `/api/waitlist/${line.at(-1) ?? 0}`,
      look: ({ body }): unknown => body.position,
      change: async (round, ask) => {
        await ask('DELETE', `/api/waitlist/${line[round - 1] ?? 0}`)
        return ROUNDS + 1 - round
      },
      statement: 'AS position',
    },
    'map of seats': await mapOfSeats(pool),
    list: {
      path: '/api/bookings?user_id=ann',
      look: ({ body }): unknown => body.bookings[0].seats,
      change: resize,
      statement: undefined,
    },
    readiness: {
      path: '/readyz',
      look: ({ status }) => status,
      change: async (round) => {
        const isPending = round % 2 === 1
        const rolledBackAt = isPending ? 'now()' : 'NULL'
        await pool.query(`UPDATE _prisma_migrations SET rolled_back_at = ${rolledBackAt}`)
        return isPending ? 503 : 200
      },
      statement: 'FROM _prisma_migrations',
    },
  }
}

/** The map of a hall with one seat, which is blocked and given back by turns. */
async function mapOfSeats(pool: pg.Pool): Promise<Changing> {
  const hall = await createEvent(pool, 1)
  const document = { sections: [{ key: 'A', pool: null, rows: [{ key: '1', seats: ['1'] }] }] }
  await pool.query(
    `INSERT INTO event_seatings (event_id, digest, document) VALUES ($1, 'hall', $2)`,
    [hall, JSON.stringify(document)],
  )
  await pool.query(`UPDATE events SET seating = 'hall' WHERE id = $1`, [hall])
  return {
    path: `/api/events/${hall}/seats.bin`,
    look: ({ body }): unknown => body,
    change: async (round, ask) => {
      const isBlocked = round % 2 === 1
      const how = isBlocked ? 'block' : 'unblock'
      await ask('POST', `/api/events/${hall}/seats/${how}`, { labels: ['A-1-1'] })
      return isBlocked ? 0b11 : 0
    },
    statement: 'FROM taken_seats',
  }
}

/**
 * Changes something time and again, by each of the processes in turn, while all of them are asked
 * for it without a pause; whoever changed it then reads it on all of them.
 */
export async function countStale(
  processes: readonly Ask[],
  { path, look, change }: Changing,
): Promise<Staleness> {
  let answers = 0
  const during = { isOver: false }
  const read = async (ask: Ask): Promise<unknown> => {
    const seen = look(await ask('GET', path))
    answers += 1
    return seen
  }
  const readers = processes.flatMap((ask) =>
    Array.from({ length: STORM }, async () => {
      while (!during.isOver) await read(ask)
    }),
  )
  let stale = 0
  for (let round = 1; round <= ROUNDS; round += 1) {
    const writer = processes[round % processes.length]
    if (writer === undefined) throw new RangeError('there is no process')
    const expected = await change(round, writer)
    const seen = await Promise.all(processes.map(read))
    stale += seen.filter((value) => value !== expected).length
  }
  during.isOver = true
  await Promise.all(readers)
  return { reads: ROUNDS * processes.length, stale, answers }
}

/** Asks a process over HTTP. */
export function askAt(baseUrl: string): Ask {
  return async (method, path, payload) => {
    const headers = { 'content-type': 'application/json' }
    const body = payload && { headers, body: JSON.stringify(payload) }
    const response = await fetch(baseUrl + path, { method, ...body })
    if (response.headers.get('content-type') === 'application/octet-stream') {
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer())[0] }
    }
    const text = await response.text()
    // What was not changed can't be seen.
    if (method !== 'GET' && !response.ok) throw new Error(`${method} ${path}: ${text}`)
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
  }
}

/** Asks by a cache that gives what was read before, and reads anew for whoever comes next. */
export function askByCache(ask: Ask): Ask {
  const cache = new Map<string, Seen>()
  return async (method, path, payload) => {
    if (method !== 'GET') return ask(method, path, payload)
    const kept = cache.get(path)
    const seen = await ask(method, path)
    cache.set(path, seen)
    return kept ?? seen
  }
}
