import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createApi } from '../helpers/api.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

t.test('an empty body that is announced as JSON is no body', async (t) => {
  const { app, createEvent, reserve } = await createApi(t)
  const { body } = await reserve(await createEvent(), 'ann', { hold: true })
  const url = `/api/bookings/${body.booking.id}`
  const confirmed = await app.inject({ method: 'POST', url: `${url}/confirm`, headers: JSON_TYPE })
  t.equal(confirmed.statusCode, 200)
  const cancelled = await app.inject({ method: 'DELETE', url, headers: JSON_TYPE })
  t.equal(cancelled.statusCode, 204)
  const reserved = await app.inject({
    method: 'POST',
    url: '/api/bookings/reserve',
    headers: JSON_TYPE,
  })
  t.equal(reserved.statusCode, 400)
  t.same(reserved.json(), { error: 'event_id and user_id are required' })
})

t.test('a body that is no UTF-8 is refused, instead of taking one user for another', async (t) => {
  const { app, createEvent } = await createApi(t)
  const eventId = await createEvent()
  const payload = Buffer.concat([
    Buffer.from(`{"event_id":${eventId},"user_id":"`),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ])
  const answer = await app.inject({
    method: 'POST',
    url: '/api/bookings/reserve',
    headers: JSON_TYPE,
    payload,
  })
  t.same([answer.statusCode, answer.json()], [400, { error: 'The body is not valid JSON' }])
})

t.test('a body too deep to be compared is refused under an idempotency key', async (t) => {
  const { app, createEvent } = await createApi(t)
  const eventId = await createEvent()
  const deep = '['.repeat(5000) + ']'.repeat(5000)
  const answer = await app.inject({
    method: 'POST',
    url: '/api/bookings/reserve',
    headers: { ...JSON_TYPE, 'idempotency-key': 'k' },
    payload: `{"event_id":${eventId},"user_id":"ann","deep":${deep}}`,
  })
  const error = 'The body must not be nested deeper than 64 levels'
  t.same([answer.statusCode, answer.json()], [400, { error }])
})

t.test('a user in line who is booked by hand is passed over', async (t) => {
  const { ask, createEvent, reserve, database } = await createApi(t)
  const eventId = await createEvent({ total_seats: 1 })
  const { body } = await reserve(eventId, 'ann')
  await reserve(eventId, 'bob', { waitlist: true })
  await reserve(eventId, 'cid', { waitlist: true })
  await database.pool.query('UPDATE events SET total_seats = 2 WHERE id = $1', [eventId])
  await database.pool.query('INSERT INTO bookings (event_id, user_id) VALUES ($1, $2)', [
    eventId,
    'bob',
  ])
  t.match(await ask('DELETE', `/bookings/${body.booking.id}`), { status: 204 })
  const { rows } = await database.pool.query<{ user_id: string }>(
    'SELECT user_id FROM bookings WHERE event_id = $1 ORDER BY user_id',
    [eventId],
  )
  t.same(
    rows.map((row) => row.user_id),
    ['bob', 'cid'],
  )
  t.match(await ask('GET', `/events/${eventId}/waitlist`), { body: { waitlist: [] } })
})

t.test('a hold whose id was in use before expires all the same', async (t) => {
  const { createEvent, reserve, expire, database } = await createApi(t)
  const eventId = await createEvent({ total_seats: 1 })
  for (const userId of ['ann', 'bob']) {
    await database.pool.query(`SELECT setval('bookings_id_seq', 41, true)`)
    const { status, body } = await reserve(eventId, userId, { hold: true })
    t.same([status, body.booking.id], [201, 42])
    await expire(42)
  }
  t.match(await reserve(eventId, 'cid'), { status: 201 })
})

t.test('without a database, reads are 503 too', async (t) => {
  const environment = { DATABASE_CONNECT_TIMEOUT_MS: '500' }
  const url = 'postgresql://nobody:secret@127.0.0.1:1/none'
  const app = await createTestApp(t, { environment, database: { url } })
  for (const path of ['/events', '/events/1', '/bookings/1', '/events/1/history']) {
    const answer = await app.inject(`/api${path}`)
    t.equal(answer.statusCode, 503, path)
    t.match(answer.headers['retry-after'], /^[1-9]/)
  }
})
