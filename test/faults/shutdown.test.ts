import t from 'tap'
import { createTestApp, PATIENT } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { untilHandled } from '../helpers/handled.ts'
import { createEvent, crowd, fetchSeat, seatsOf, type Attempt } from '../helpers/race.ts'
import { openRaw, rawRequest } from '../helpers/raw.ts'
import { startService } from '../helpers/service.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { until } from '../helpers/until.ts'
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
    const service = await startService(t, database.url, {
      ...(isReleased && PATIENT),
      MAX_BATCH_SIZE: '10',
    })
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

t.test('SIGTERM does not wait for clients that keep it waiting', async (t) => {
  const database = await createTestDatabase(t)
  const service = await startService(t, database.url)
  const port = Number(new URL(service.baseUrl).port)
  const document = rawRequest('GET', '/documentation/json')
  const clients = {
    quiet: '',
    'a partial head': 'GET / H',
    'a partial head behind a request': `${rawRequest('GET', '/')}GET / H`,
    'a partial body': 'POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{',
    'unread answers': document.repeat(1400),
  }
  for (const [what, bytes] of Object.entries(clients)) {
    const client = await openRaw(t, port, { reads: what !== 'unread answers' })
    client.send(bytes)
  }
  const reader = await openRaw(t, port)
  reader.send(document)
  await until(async () => reader.received() !== '')
  const startedAt = performance.now()
  t.equal(await service.stop('SIGTERM'), 0, 'the exit status')
  const tookMs = performance.now() - startedAt
  t.ok(tookMs < 5000, `${tookMs} ms of the 10,000 that it has`)
})

t.test('closing the app answers what is queued in it', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { MAX_BATCH_SIZE: '10' } })
  const eventId = await createEvent(database.pool, 100)
  const session = await lockEvent(t, database, eventId)
  const attempts = crowd(eventId, 300)
  const handled = untilHandled(attempts.length)
  const storming = storm(app, attempts)
  await handled
  const closing = app.close()
  await session.rollback()
  await closing
  const answers = await storming
  t.same(count(answers), { 201: 100, 409: 200 }, 'nobody is turned away')
  await checkPromises(t, database.pool, answers)
})
