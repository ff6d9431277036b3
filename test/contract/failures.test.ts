import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { createTestApp, testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent } from '../helpers/race.ts'
import { lockEvent } from '../helpers/sessions.ts'

const reserve = (eventId: number) =>
  ({
    method: 'POST',
    url: '/api/bookings/reserve',
    payload: { event_id: eventId, user_id: 'ann' },
  }) as const

// Nothing listens on port 1.
const NOWHERE = 'postgresql://user:secret@127.0.0.1:1/none'

t.test('without a database the service answers 503 and turns nobody’s stomach', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const app = await buildApp(testConfig(NOWHERE), { logger: { level: 'debug', stream } })
  t.teardown(() => app.close())

  const response = await app.inject(reserve(1))
  t.equal(response.statusCode, 503)
  t.strictSame(response.json(), { error: 'The database is unavailable; try again later' })
  t.match(response.headers['retry-after'], /^[1-9]\d*$/)

  const read = await app.inject('/api/events')
  t.equal(read.statusCode, 503)
  t.strictSame(read.json(), { error: 'The database is unavailable; try again later' })
  t.match(read.headers['retry-after'], /^[1-9]\d*$/)

  const live = await app.inject('/livez')
  t.equal(live.statusCode, 200)
  const ready = await app.inject('/readyz')
  t.equal(ready.statusCode, 503)
  t.strictSame(ready.json(), { error: 'The database is unavailable; try again later' })
  t.notMatch(lines.join(''), 'secret')
})

t.test('an event locked by another session is 503 after the lock timeout', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { LOCK_TIMEOUT_MS: '200' } })
  const eventId = await createEvent(database.pool, 1)
  const session = await lockEvent(t, database, eventId)
  const response = await app.inject(reserve(eventId))
  t.equal(response.statusCode, 503)
  t.strictSame(response.json(), { error: 'The event is busy; try again later' })
  t.ok(response.headers['retry-after'])
  await session.rollback()
  const after = await app.inject(reserve(eventId))
  t.equal(after.statusCode, 201)
})

t.test('what is not ours to tell is a 500 that says nothing, and stands in the log', async (t) => {
  const database = await createTestDatabase(t)
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const app = await buildApp(testConfig(database.url), { logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  app.get('/fails', () => {
    throw new Error('inner workings')
  })

  const response = await app.inject('/fails')
  t.equal(response.statusCode, 500)
  t.strictSame(response.json(), { error: 'Internal server error' })
  const id = response.headers['x-request-id']
  const line = lines.find((one) => one.includes(String(id))) ?? ''
  t.match(JSON.parse(line), { level: 50, status: 500, err: { message: 'inner workings' } })
})
