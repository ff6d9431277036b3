import { deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { createApi } from '../helpers/api.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' }
const METADATA_RULE =
  'metadata must be an object of at most 16384 bytes as JSON, nested at most 16 deep, without NUL ' +
  'characters, lone surrogates and numbers beyond ±1.8e308'
const FORBIDDEN_NAME =
  'The body must not have a member __proto__, nor a member prototype of a member constructor'

t.test('a body that is compressed is 415, and the answer says what is accepted', async (t) => {
  const { app, createEvent, reserve } = await createApi(t)
  const eventId = await createEvent()
  const text = JSON.stringify({ event_id: eventId, user_id: 'ann' })
  const error = 'The body must not be compressed: Content-Encoding is not supported'
  const post = (coding: string, payload: Buffer | string) =>
    app.inject({
      method: 'POST',
      url: '/api/bookings/reserve',
      headers: { ...JSON_TYPE, 'content-encoding': coding },
      payload,
    })
  for (const [coding, payload] of [
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['identity, gzip', gzipSync(text)],
    ['br', text],
  ] as const) {
    const answer = await post(coding, payload)
    t.same([answer.statusCode, answer.json()], [415, { error }], coding)
    t.equal(answer.headers['accept-encoding'], 'identity')
  }
  t.equal((await post('identity', text)).statusCode, 201)
  t.equal((await post('', text)).statusCode, 409)

  // What has no body is not compressed.
  const { body } = await reserve(eventId, 'bob', { hold: true })
  const confirmed = await app.inject({
    method: 'POST',
    url: `/api/bookings/${body.booking.id}/confirm`,
    headers: { 'content-encoding': 'gzip' },
  })
  t.equal(confirmed.statusCode, 200)
})

t.test('PATCH takes a JSON merge patch, and nothing else does', async (t) => {
  const { app, createEvent, reserve } = await createApi(t)
  const eventId = await createEvent({ max_seats_per_booking: 2 })
  const { body } = await reserve(eventId, 'ann')
  const patch = (url: string, payload: string, headers: Record<string, string> = MERGE_PATCH) =>
    app.inject({ method: 'PATCH', url: `/api${url}`, headers, payload })

  const changed = await patch(`/events/${eventId}`, '{"name":"Other","starts_at":null}')
  t.match([changed.statusCode, changed.json()], [200, { name: 'Other', starts_at: null }])
  const resized = await patch(`/bookings/${body.booking.id}`, '{"seats":2}')
  t.match([resized.statusCode, resized.json()], [200, { seats: 2 }])
  t.equal((await patch(`/events/${eventId}`, '{"name":')).statusCode, 400)

  const refused = await patch(`/events/${eventId}`, '[]', { 'content-type': 'text/plain' })
  t.equal(refused.statusCode, 415)
  t.equal(refused.headers['accept-patch'], 'application/json, application/merge-patch+json')

  for (const headers of [MERGE_PATCH, { 'content-type': 'nonsense' }]) {
    const posted = await app.inject({
      method: 'POST',
      url: '/api/bookings/reserve',
      headers,
      payload: JSON.stringify({ event_id: eventId, user_id: 'bob' }),
    })
    t.same(
      [posted.statusCode, posted.json()],
      [415, { error: 'The body must be JSON, sent as Content-Type: application/json' }],
    )
    t.equal(posted.headers.accept, 'application/json')
  }
})

t.test('what is wrong with metadata is said as it is', async (t) => {
  const { app, database } = await createApi(t)
  const create = (metadata: string) =>
    app.inject({
      method: 'POST',
      url: '/api/events',
      headers: { ...JSON_TYPE, accept: 'application/problem+json' },
      payload: `{"name":"Concert","total_seats":1,"metadata":${metadata}}`,
    })
  for (const metadata of ['{"a":1e400}', '{"a":[-1e999]}']) {
    const detail = 'metadata must not have a number beyond the range of a double, such as 1e400'
    const answer = await create(metadata)
    t.match(answer.json(), { status: 400, code: 'validation_failed', detail })
  }
  for (const metadata of [
    '{"a":"\\u0000"}',
    '{"\\ud800":1}',
    `{"a":"${'x'.repeat(17_000)}"}`,
    '{"a":'.repeat(17) + '1' + '}'.repeat(17),
    '[]',
  ]) {
    const answer = await create(metadata)
    t.match(answer.json(), { status: 400, code: 'validation_failed', detail: METADATA_RULE })
  }
  for (const metadata of [
    '{"__proto__":{"a":1}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":1}',
    '{"constructor":{"prototype":1}}',
  ]) {
    const answer = await create(metadata)
    const told = { status: 400, code: 'validation_failed', detail: FORBIDDEN_NAME }
    t.match(answer.json(), told, metadata)
  }
  for (const metadata of ['{"a":1e308}', '{"constructor":1,"prototype":2}']) {
    const answer = await create(metadata)
    t.equal(answer.statusCode, 201, metadata)
    t.ok(answer.body.includes(`"metadata":${metadata.replace('1e308', '1e+308')}`))
  }
  t.match(await create('{"__proto__":'), { statusCode: 400, body: /malformed_json/ })
  const { rows } = await database.pool.query('SELECT count(*)::int AS events FROM events')
  t.same(rows, [{ events: 2 }])
})

t.test('of members with one name the last counts', async (t) => {
  const { app } = await createApi(t)
  const payload = '{"name":"First","total_seats":1,"name":"Last"}'
  const answer = await app.inject({
    method: 'POST',
    url: '/api/events',
    headers: JSON_TYPE,
    payload,
  })
  t.match(answer.json(), { name: 'Last' })
})

t.test('ids of users are compared byte by byte', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t)
  const ids = ['Zoë'.normalize('NFC'), 'Zoë'.normalize('NFD'), 'zoë', 'zoe', ' zoe', 'zoe ', 'ｚoe']
  const eventId = await createEvent({ total_seats: ids.length })
  for (const id of ids) {
    const { status, body } = await reserve(eventId, id)
    t.same([status, body.booking.user_id], [201, id])
    t.equal((await reserve(eventId, id)).status, 409)
  }
  for (const id of ids) {
    const { body } = await ask('GET', `/bookings?user_id=${encodeURIComponent(id)}`)
    const found: { user_id: string }[] = body.bookings
    t.same(
      found.map(({ user_id: userId }) => userId),
      [id],
    )
  }
})
