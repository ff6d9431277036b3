import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { reservePlain, startEngine } from '../helpers/engine.ts'
import { createEvent, crowd, race, seatsOf } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { OVERLOADED, reserve, storm } from '../helpers/storm.ts'

t.test('more commands than a batch takes: several batches, none too large', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations, batches } = startEngine(t, url, {
    environment: { MAX_BATCH_SIZE: '10' },
  })
  const eventId = await createEvent(pool, 120)
  const ask = async (event: number, userId: string): Promise<number> =>
    (await reservePlain(reservations, event, userId)) === 'booked' ? 201 : 409
  t.same(await race(ask, crowd(eventId, 300)), { 201: 120, 409: 180 })
  t.same(await seatsOf(pool, eventId), { rows: 120, users: 120, taken: 120 })
  t.ok(batches.length >= 30, `${batches.length} batches`)
  t.equal(Math.max(...batches.map(({ size }) => size)), 10)
})

t.test('a full queue is 503 with Retry-After at once, and leaves room for others', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, {
    database,
    environment: { MAX_QUEUE_LENGTH: '40', MAX_BATCH_SIZE: '10', LOCK_TIMEOUT_MS: '3000' },
  })
  const hot = await createEvent(database.pool, 1000)
  const cold = await createEvent(database.pool, 10)
  const session = await lockEvent(t, database, hot)
  const first = reserve(app, { eventId: hot, userId: 'first' })
  await untilBlocked(database.pool, session)
  let isReleased = false
  const answering = storm(app, crowd(hot, 200), 200, (answers) => {
    // A key may fill half of the queue: what is beyond that is turned away at once, while the event
    // is still locked. Otherwise nobody would ever release it.
    if (answers === 180 && !isReleased) {
      isReleased = true
      return Promise.all([reserve(app, { eventId: cold, userId: 'ann' }), session.rollback()])
    }
    return undefined
  })
  const answers = await answering
  const turnedAway = answers.filter(({ status }) => status === 503)
  t.equal(turnedAway.length, 180)
  for (const { error, retryAfter } of turnedAway) {
    if (error !== OVERLOADED || retryAfter === undefined) t.fail('turned away otherwise', { error })
  }
  t.equal(answers.filter(({ status }) => status === 201).length, 20)
  t.equal((await first).status, 201)
  t.same(await seatsOf(database.pool, hot), { rows: 21, users: 21, taken: 21 })
  t.equal((await seatsOf(database.pool, cold)).rows, 1, 'another event was booked meanwhile')
})
