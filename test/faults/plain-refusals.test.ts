import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { lockEvent } from '../helpers/sessions.ts'
import { reserve, UNAVAILABLE } from '../helpers/storm.ts'

// The promise: a refusal that a plain read proves takes no row lock, so it comes at once also
// while somebody else holds the event locked. Nothing but a refusal is given so.
t.test('sold out and booked already are told while the event is locked', async (t) => {
  const database = await createTestDatabase(t)
  // Who waits for the lock gets 503 after that.
  const app = await createTestApp(t, { database, environment: { LOCK_TIMEOUT_MS: '300' } })
  const eventId = await createEvent(database.pool, 1)
  t.equal((await reserve(app, { eventId, userId: 'ann' })).status, 201)
  t.equal((await reserve(app, { eventId, userId: 'bob' })).status, 409, 'the one that it learns by')

  const session = await lockEvent(t, database, eventId)
  const soldOut = await reserve(app, { eventId, userId: 'cid' })
  t.match(soldOut, { status: 409, error: 'No seats available' })
  const booked = await reserve(app, { eventId, userId: 'ann' })
  t.match(booked, { status: 409, error: 'User already booked for this event' })

  await session.query('UPDATE events SET total_seats = 2 WHERE id = $1', [eventId])
  const unseen = await reserve(app, { eventId, userId: 'cid' })
  t.match(unseen, { status: 409 }, 'what is not committed does not count')
  await session.query('COMMIT')
  const free = await reserve(app, { eventId, userId: 'cid' })
  t.equal(free.status, 201, 'a seat that came free is decided under the lock')
  t.same(await seatsOf(database.pool, eventId), { rows: 2, users: 2, taken: 2 })
})

t.test(
  'a plain read that gets no answer has surely done nothing, and the answer says so',
  async (t) => {
    const database = await createTestDatabase(t)
    const proxy = await startProxy(t, database.url)
    const app = await createTestApp(t, {
      database: { ...database, url: proxy.url },
      environment: { LOCK_TIMEOUT_MS: '1000', COMMAND_TIMEOUT_MS: '3000' },
    })
    const eventId = await createEvent(database.pool, 0)
    t.equal((await reserve(app, { eventId, userId: 'ann' })).status, 409)
    proxy.freeze()
    t.match(await reserve(app, { eventId, userId: 'bob' }), { status: 503, error: UNAVAILABLE })
    proxy.thaw()
    t.equal((await reserve(app, { eventId, userId: 'bob' })).status, 409)
  },
)

t.test('control: while nobody was refused yet, everybody waits for the lock', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { LOCK_TIMEOUT_MS: '300' } })
  const eventId = await createEvent(database.pool, 1)
  t.equal((await reserve(app, { eventId, userId: 'ann' })).status, 201)
  await lockEvent(t, database, eventId)
  t.equal((await reserve(app, { eventId, userId: 'bob' })).status, 503)
})
