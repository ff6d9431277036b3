import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { reservePlain } from '../helpers/engine.ts'
import { startEngine } from '../helpers/fault-engine.ts'
import { createEvent, crowd, shuffle, type Attempt } from '../helpers/race.ts'
import { lockEvent, openSession, untilBlocked } from '../helpers/sessions.ts'
import { BUSY, checkPromises, quantile, storm, type Answer } from '../helpers/storm.ts'

// The promise: an event that somebody else holds locked delays the bookings of other events by no
// more than 100 ms. Its own bookings wait, and are 503 after the lock timeout.

const LOCK_TIMEOUT_MS = 500
const environment = { LOCK_TIMEOUT_MS: String(LOCK_TIMEOUT_MS) }

function others(events: readonly number[], prefix: string): Attempt[] {
  return Array.from({ length: 400 }, (_, i) => ({
    eventId: events[i % events.length] ?? 0,
    userId: `${prefix} ${i}`,
  }))
}

async function createEvents({ pool }: TestDatabase) {
  const locked = await createEvent(pool, 1000)
  const events = await Promise.all(Array.from({ length: 10 }, () => createEvent(pool, 1000)))
  return { locked, events }
}

function latencies(answers: readonly Answer[], events: readonly number[], part: number): number {
  const own = answers.filter(({ eventId }) => events.includes(eventId))
  return quantile(
    own.map(({ tookMs }) => tookMs),
    part,
  )
}

t.test('other events in the same storm are delayed by no more than 100 ms', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment })
  const { locked, events } = await createEvents(database)
  await storm(app, others(events, 'warm-up'), 40)
  const before = await storm(app, others(events, 'before'), 40)

  const session = await lockEvent(t, database, locked)
  const attempts = shuffle([...others(events, 'during'), ...crowd(locked, 40)])
  const during = await storm(app, attempts, 80)
  await checkPromises(t, database.pool, during, { withinMs: 3 * LOCK_TIMEOUT_MS })
  for (const part of [0.5, 0.95]) {
    const [usual, now] = [before, during].map((answers) => latencies(answers, events, part))
    const delay = (now ?? 0) - (usual ?? 0)
    t.ok(delay < 100, `quantile ${part}: ${Math.round(delay)} ms later`)
  }
  t.ok(latencies(during, events, 1) < LOCK_TIMEOUT_MS, 'none of them waited for the lock')
  const own = during.filter(({ eventId }) => eventId === locked)
  t.ok(
    own.every(({ status, error }) => status === 503 && error === BUSY),
    'its own are 503',
  )
  t.ok(latencies(own, [locked], 0) < 1.5 * LOCK_TIMEOUT_MS, 'after the lock timeout')

  await session.rollback()
  const after = await storm(app, crowd(locked, 40))
  t.ok(
    after.every(({ status }) => status === 201),
    'then they are booked',
  )
})

t.test('a lock that is released in time costs nobody a booking', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { LOCK_TIMEOUT_MS: '3000' } })
  const { locked } = await createEvents(database)
  const session = await lockEvent(t, database, locked)
  const answers = storm(app, crowd(locked, 40))
  await untilBlocked(database.pool, session)
  await session.rollback()
  const statuses = (await answers).map(({ status }) => status)
  t.same(new Set(statuses), new Set([201]))
})

t.test('a table that is locked is 503 within the bound, and works afterwards', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment })
  const { events } = await createEvents(database)
  for (const table of ['bookings', 'events']) {
    const session = await openSession(t, database, `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
    const attempts = others(events, table).slice(0, 50)
    const answers = await storm(app, attempts)
    t.ok(
      answers.every(({ status }) => status === 503),
      'every answer is 503',
    )
    await session.rollback()
    const again = await storm(app, attempts)
    t.ok(
      again.every(({ status }) => status === 201),
      'then all are booked',
    )
    const all = [...answers, ...again]
    await checkPromises(t, database.pool, all, { withinMs: 4 * LOCK_TIMEOUT_MS })
  }
})

/** How long one batch of a locked event and a free one keeps the free one waiting. */
async function delayOfNeighbour(t: Test, rewrite: (sql: string) => string): Promise<number> {
  const database = await createTestDatabase(t)
  const { reservations } = startEngine(t, database.url, { ...environment, LANES: '1' }, rewrite)
  const free = await createEvent(database.pool, 1)
  const locked = await createEvent(database.pool, 1)
  await lockEvent(t, database, locked)
  await reservePlain(reservations, 2_000_000_000, 'warm-up')
  const startedAt = performance.now()
  const blocked = reservePlain(reservations, locked, 'ann')
  await reservePlain(reservations, free, 'ann').catch(() => null)
  const tookMs = performance.now() - startedAt
  await t.rejects(blocked)
  return tookMs
}

t.test('control: where batches wait for every lock, the neighbours wait too', async (t) => {
  const skipping = await delayOfNeighbour(t, (sql) => sql)
  const waiting = await delayOfNeighbour(t, (sql) => sql.replace('SKIP LOCKED', ''))
  t.ok(skipping < 100, `${Math.round(skipping)} ms`)
  // Not longer, since the batch is given up after this patience and the events part.
  t.ok(waiting >= 100, `${Math.round(waiting)} ms without SKIP LOCKED`)
})
