import type pg from 'pg'
import type { Test } from 'tap'
import type { App } from '../../src/app.ts'
import { countEach, type Attempt } from './race.ts'

/** What a request came to. */
export interface Answer extends Attempt {
  readonly status: number
  readonly error: string | undefined
  readonly retryAfter: string | undefined
  readonly tookMs: number
}

export const UNKNOWN = 'The outcome is unknown; repeat the request to learn it'
export const UNAVAILABLE = 'The database is unavailable; try again later'
export const BUSY = 'The event is busy; try again later'
export const OVERLOADED = 'The service is overloaded; try again later'
export const REFUSED = 'The database refuses this data'

/** So many attempts, spread evenly over the events, each by a user of its own. */
export function spread(events: readonly number[], attempts: number, prefix: string): Attempt[] {
  return Array.from({ length: attempts }, (_, i) => ({
    eventId: events[i % events.length] ?? 0,
    userId: `${prefix} ${i}`,
  }))
}

/** Asks the service for a seat. */
export async function reserve(
  app: Pick<App, 'inject'>,
  { eventId, userId }: Attempt,
): Promise<Answer> {
  const startedAt = performance.now()
  const response = await app.inject({
    method: 'POST',
    url: '/api/bookings/reserve',
    payload: { event_id: eventId, user_id: userId },
  })
  const retryAfter = response.headers['retry-after']
  return {
    eventId,
    userId,
    status: response.statusCode,
    error: response.json<{ error?: string }>().error,
    retryAfter,
    tookMs: performance.now() - startedAt,
  }
}

/**
 * Sends the attempts from so many clients, each of which waits for its answer before it asks again.
 *
 * @param onAnswer - called at each answer, with the number of answers so far
 */
export async function storm(
  app: Pick<App, 'inject'>,
  attempts: readonly Attempt[],
  clients = attempts.length,
  onAnswer: (answers: number) => unknown = () => undefined,
): Promise<Answer[]> {
  const answers: Answer[] = []
  const open = attempts.values()
  const client = async (): Promise<void> => {
    for (const attempt of open) {
      answers.push(await reserve(app, attempt))
      await onAnswer(answers.length)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return answers
}

/**
 * Repeats what was answered with 503 until everybody knows; as a patient client would.
 *
 * @throws where some do not get to know: the service has not recovered
 */
export async function settle(
  app: Pick<App, 'inject'>,
  answers: readonly Answer[],
): Promise<Answer[]> {
  let open = answers.filter(({ status }) => status === 503)
  const settled: Answer[] = []
  for (let round = 0; open.length > 0; round += 1) {
    if (round === 10) throw new Error(`${open.length} requests get nothing but 503`)
    const next = await storm(app, open)
    settled.push(...next)
    open = next.filter(({ status }) => status === 503)
  }
  return settled
}

/** What must hold after whatever happened: the promises of the service, on answers and on rows. */
export async function checkPromises(
  t: Test,
  pool: pg.Pool,
  answers: readonly Answer[],
): Promise<void> {
  const key = ({ eventId, userId }: Attempt): string => JSON.stringify([eventId, userId])
  const others = answers.filter(({ status }) => ![201, 409, 503].includes(status))
  t.same(others, [], 'every answer is 201, 409 or 503')
  const hasty = answers.filter(({ status, retryAfter }) => status === 503 && !retryAfter)
  t.same(hasty, [], 'every 503 says when to come back')
  const eventIds = [...new Set(answers.map(({ eventId }) => eventId))]
  const { rows } = await pool.query<{ event_id: number; user_id: string }>(
    'SELECT event_id, user_id FROM bookings WHERE event_id = ANY($1)',
    [eventIds],
  )
  const inTable = rows.map((row) => key({ eventId: row.event_id, userId: row.user_id }))
  const promised = answers.filter(({ status }) => status === 201).map(key)
  const unknown = answers.filter(({ error }) => error === UNKNOWN).map(key)
  t.same(new Set(promised).size, promised.length, 'nobody was promised a seat twice')
  t.same(new Set(inTable).size, inTable.length, 'nobody is booked twice')
  t.same(missingFrom(new Set(inTable), promised), [], 'every 201 is in the table')
  const told = new Set(answers.map(key))
  const known = new Set([...promised, ...unknown])
  t.same(
    missingFrom(known, inTable).filter((booked) => told.has(booked)),
    [],
    'who was told that nothing happened is not booked',
  )
  const oversold = await pool.query(
    `SELECT * FROM (
       SELECT e.id, e.total_seats, e.taken, count(b.id)::int AS rows
       FROM events e LEFT JOIN bookings b ON b.event_id = e.id
       WHERE e.id = ANY($1) GROUP BY e.id) AS seats
     WHERE rows > total_seats OR rows <> taken`,
    [eventIds],
  )
  t.same(oversold.rows, [], 'no event holds more than it has, nor than it counts')
}

function missingFrom(set: ReadonlySet<string>, items: readonly string[]): string[] {
  return items.filter((item) => !set.has(item))
}

export function count(answers: readonly Answer[]): Record<number, number> {
  return countEach(answers.map(({ status }) => status))
}
