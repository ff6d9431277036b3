import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent, crowd, fetchSeat, seatsOf, type Attempt } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { checkPromises, count, storm, type Answer } from '../helpers/storm.ts'

const CLIENTS = 60

// The promise: on shutdown every command that was accepted gets its answer, a true one, and the
// process ends by itself with status 0.

/** Asks over HTTP, so that whether it was accepted is beyond doubt. */
async function ask(baseUrl: string, attempt: Attempt): Promise<Answer> {
  const startedAt = performance.now()
  const response = await fetchSeat(baseUrl, attempt)
  const { error } = (await response.json()) as { error?: string }
  const retryAfter = response.headers.get('retry-after') ?? undefined
  const tookMs = performance.now() - startedAt
  return { ...attempt, status: response.status, error, retryAfter, tookMs }
}

for (const isReleased of [true, false]) {
  const what = isReleased ? 'is released meanwhile' : 'stays locked'
  t.test(`SIGTERM while commands wait for an event that ${what}`, async (t) => {
    const database = await createTestDatabase(t)
    const service = await startService(t, database.url, { MAX_BATCH_SIZE: '10' })
    const eventId = await createEvent(database.pool, 1000)
    const session = await lockEvent(t, database, eventId)
    const asking = crowd(eventId, CLIENTS).map((attempt) => ask(service.baseUrl, attempt))
    await untilBlocked(database.pool, session)
    // What was sent before this has been read when this is answered.
    for (let i = 0; i < 3; i += 1) await (await fetch(`${service.baseUrl}/livez`)).arrayBuffer()
    const stopped = service.stop('SIGTERM')
    if (isReleased) await session.rollback()
    const answers = await Promise.all(asking)
    t.equal(await stopped, 0, 'the exit status')
    t.equal(answers.length, CLIENTS)
    await checkPromises(t, database.pool, answers)
    const booked = answers.filter(({ status }) => status === 201).length
    t.equal(booked, isReleased ? CLIENTS : 0)
    t.equal((await seatsOf(database.pool, eventId)).rows, booked)
  })
}

t.test('closing the app answers what is queued in it', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { MAX_BATCH_SIZE: '10' } })
  const eventId = await createEvent(database.pool, 100)
  const storming = storm(app, crowd(eventId, 300))
  // Requests that are injected have all been queued two turns later.
  for (let i = 0; i < 2; i += 1) await new Promise((resolve) => setImmediate(resolve))
  await app.close()
  const answers = await storming
  t.same(count(answers), { 201: 100, 409: 200 }, 'nobody is turned away')
  await checkPromises(t, database.pool, answers)
})
