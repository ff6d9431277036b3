import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTokenApi } from '../helpers/token-api.ts'

const GONE = { status: 404, body: { error: 'Booking not found' } }
const REQUIRED = { status: 400, body: { error: 'event_id and user_id are required' } }

t.test("a user's booking is cancelled by the user's name", async (t) => {
  const { app, ask, createEvent, reserve, expire, readAll } = await createApi(t)
  const cancel = (eventId: number, userId: string) =>
    ask('DELETE', `/bookings?event_id=${eventId}&user_id=${encodeURIComponent(userId)}`)

  await t.test('booked or held, once; the seats go to the waitlist', async (t) => {
    const eventId = await createEvent({ total_seats: 2 })
    await reserve(eventId, 'ann & co')
    await reserve(eventId, 'bob', { hold: true })
    await reserve(eventId, 'cid', { waitlist: true })
    t.match(await cancel(eventId, 'cid'), GONE, 'who waits has no booking')
    t.match(await cancel(eventId, 'ann & co'), { status: 204, body: null })
    t.match(await cancel(eventId, 'ann & co'), GONE)
    t.match(await cancel(eventId, 'bob'), { status: 204 })
    const history = await readAll(`/events/${eventId}/history`, 'history', 100)
    t.same(
      history.map(({ type, user_id: userId }) => `${String(type)} ${String(userId)}`).slice(3),
      ['waitlisted cid', 'cancelled ann & co', 'promoted cid', 'released bob'],
    )
    t.match(await cancel(eventId, 'cid'), { status: 204 }, 'and now one has')
  })

  await t.test('no booking, an expired hold, no event: 404', async (t) => {
    const eventId = await createEvent()
    const { body } = await reserve(eventId, 'ann', { hold: true })
    await expire(Number(body.booking.id))
    t.match(await cancel(eventId, 'ann'), GONE)
    t.match(await cancel(eventId, 'nobody'), GONE)
    t.match(await cancel(2_000_000_000, 'ann'), GONE)
  })

  await t.test('not from `cancel_until` of the event on, but for a hold', async (t) => {
    const eventId = await createEvent({ cancel_until: '2020-01-01T00:00:00Z' })
    await reserve(eventId, 'ann')
    await reserve(eventId, 'bob', { hold: true })
    const closed = { error: 'It is too late to cancel the booking, or to make it smaller' }
    const { status, body } = await cancel(eventId, 'ann')
    t.equal(status, 409)
    t.match(body, closed)
    t.match(await cancel(eventId, 'bob'), { status: 204 })
    const { paths } = (await app.inject('/documentation/json')).json()
    const told = paths['/api/bookings'].delete.responses['409'].content['application/json'].examples
    t.match(told, { cancellation_closed: { value: body } })
  })

  await t.test('without both of them it is 400, and changes nothing', async (t) => {
    const eventId = await createEvent()
    await reserve(eventId, 'ann')
    for (const query of [
      '',
      `?event_id=${eventId}`,
      '?user_id=ann',
      `?event_id=${eventId}&user_id=`,
    ]) {
      t.match(await ask('DELETE', `/bookings${query}`), REQUIRED, query)
    }
    for (const [query, error] of [
      ['event_id=0&user_id=ann', /^event_id must be an integer/],
      [`event_id=${eventId}&user_id=%20`, 'user_id must not be blank'],
      [`event_id=${eventId}&user_id=ann&user_id=bob`, /^user_id must be a string/],
      [`event_id=${eventId}&user_id=ann&force=true`, /^force is not a parameter/],
    ] as const) {
      t.match(await ask('DELETE', `/bookings?${query}`), { status: 400, body: { error } }, query)
    }
    t.match((await ask('GET', `/events/${eventId}`)).body, { booked_seats: 1 })
  })

  await t.test('under a key the order of the parameters makes no difference', async (t) => {
    const eventId = await createEvent()
    await reserve(eventId, 'ann')
    const key = { 'idempotency-key': 'in-any-order' }
    const members = [`event_id=${eventId}`, 'user_id=ann']
    const [first, again] = [members, members.toReversed()].map(
      (each) => `/bookings?${each.join('&')}`,
    )
    t.equal((await ask('DELETE', String(first), undefined, key)).status, 204)
    const replayed = await ask('DELETE', String(again), undefined, key)
    t.match(replayed, { status: 204, headers: { 'idempotency-replayed': 'true' } })
  })
})

t.test('who comes with a token cancels what is its own', async (t) => {
  const { as, createEvent } = await createTokenApi(t)
  const [ann, bob] = [await as('ann'), await as('bob')]
  const eventId = await createEvent(4)
  await bob.reserve(eventId)
  const url = `/bookings?event_id=${eventId}`
  t.match(await ann.ask('DELETE', `${url}&user_id=bob`), {
    status: 403,
    body: { error: 'user_id must be the subject of the token, or left out' },
  })
  t.match(await ann.ask('DELETE', '/bookings'), REQUIRED)
  t.match(await ann.ask('DELETE', url), GONE)
  for (const query of ['', '&user_id=', '&user_id=ann']) {
    t.equal((await ann.reserve(eventId)).status, 201)
    t.equal((await ann.ask('DELETE', `${url}${query}`)).status, 204, query)
  }
  const key = { 'idempotency-key': 'own' }
  await ann.reserve(eventId)
  t.equal((await ann.ask('DELETE', url, undefined, key)).status, 204)
  const replayed = await ann.ask(
    'DELETE',
    `/bookings?user_id=ann&event_id=${eventId}`,
    undefined,
    key,
  )
  t.equal(replayed.headers['idempotency-replayed'], 'true', 'the same request')
  t.match((await bob.ask('GET', url)).body, { bookings: [{ user_id: 'bob' }] }, 'his stays')
})
