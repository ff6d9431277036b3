import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { reservePlain, startEngine } from '../helpers/engine.ts'
import { createEvent, crowd } from '../helpers/race.ts'
import { shuffle } from '../helpers/random.ts'
import { lockEvent, openSession, untilBlocked } from '../helpers/sessions.ts'
import { BUSY, checkPromises, count, spread, storm } from '../helpers/storm.ts'

// The promise: the bookings of other events do not wait for an event that somebody else holds
// locked. Its own wait, and are 503 after the lock timeout.

const LOCK_TIMEOUT_MS = 500
const environment = { LOCK_TIMEOUT_MS: String(LOCK_TIMEOUT_MS) }

async function createEvents({ pool }: TestDatabase) {
  const locked = await createEvent(pool, 1000)
  const events = await Promise.all(Array.from({ length: 10 }, () => createEvent(pool, 1000)))
  return { locked, events }
}

t.test('other events in the same storm are booked while one is locked', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment })
  const { locked, events } = await createEvents(database)
  const session = await lockEvent(t, database, locked)
  const attempts = shuffle([...spread(events, 400, 'user'), ...crowd(locked, 40)])
  const answers = await storm(app, attempts, 80)
  await checkPromises(t, database.pool, answers)
  const others = answers.filter(({ eventId }) => eventId !== locked)
  t.same(count(others), { 201: 400 }, 'all of theirs')
  const own = answers.filter(({ eventId }) => eventId === locked)
  t.ok(
    own.every(({ status, error }) => status === 503 && error === BUSY),
    'its own are 503',
  )

  await session.rollback()
  t.same(count(await storm(app, crowd(locked, 40))), { 201: 40 }, 'then they are booked')
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

t.test('a table that is locked is 503, and works afterwards', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment })
  const { events } = await createEvents(database)
  for (const table of ['bookings', 'events']) {
    const session = await openSession(t, database, `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
    const attempts = spread(events, 50, table)
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
    await checkPromises(t, database.pool, all)
  }
})

/** How many batches it takes to book a free event that is asked for together with a locked one. */
async function batchesOfNeighbour(t: Test, rewrite: (sql: string) => string): Promise<number> {
  const database = await createTestDatabase(t)
  const { reservations, batches } = startEngine(t, database.url, {
    environment: { ...environment, LANES: '1' },
    rewrite,
  })
  const free = await createEvent(database.pool, 1)
  const locked = await createEvent(database.pool, 1)
  await lockEvent(t, database, locked)
  const blocked = t.rejects(reservePlain(reservations, locked, 'ann'))
  t.equal(await reservePlain(reservations, free, 'ann'), 'booked')
  const needed = batches.length
  await blocked
  return needed
}

t.test('control: where batches wait for every lock, the neighbours wait too', async (t) => {
  t.equal(await batchesOfNeighbour(t, (sql) => sql), 1, 'the free one is booked by the first')
  const waiting = await batchesOfNeighbour(t, (sql) => sql.replace('SKIP LOCKED', ''))
  t.ok(waiting > 1, `${waiting} without SKIP LOCKED`)
})
