import t from 'tap'
import { createTokenApi } from '../helpers/token-api.ts'

const MISMATCH = {
  status: 403,
  body: { error: 'user_id must be the subject of the token, or left out' },
}

t.test('a browser books for itself', async (t) => {
  const { as, createEvent, database } = await createTokenApi(t)
  const ann = await as('ann')

  await t.test('its user is filled in', async (t) => {
    for (const given of [{}, { user_id: null }, { user_id: '' }, { user_id: 'ann' }]) {
      const eventId = await createEvent(2)
      const booked = await ann.reserve(eventId, given)
      t.match(booked, { status: 201, body: { booking: { event_id: eventId, user_id: 'ann' } } })
    }
    const { rows } = await database.pool.query(
      `SELECT DISTINCT change ->> 'actor' AS actor
       FROM event_history, json_array_elements(changes) AS change`,
    )
    t.strictSame(rows, [{ actor: 'user:ann' }])
  })

  await t.test('and may be no other', async (t) => {
    const eventId = await createEvent(2)
    for (const user_id of ['bob', 'Ann', 'ann ', ' ']) {
      t.match(await ann.reserve(eventId, { user_id }), MISMATCH, user_id)
    }
    for (const user_id of [5, true, ['ann'], {}]) {
      t.equal((await ann.reserve(eventId, { user_id })).status, 400)
    }
    const { rows } = await database.pool.query('SELECT FROM bookings WHERE event_id = $1', [
      eventId,
    ])
    t.equal(rows.length, 0)
  })

  await t.test('whatever else is missing is told as ever', async (t) => {
    for (const payload of [{}, []]) {
      const { status, body } = await ann.ask('POST', '/bookings/reserve', payload)
      t.match({ status, body }, { status: 400, body: { error: /event_id/ } })
    }
  })

  await t.test('with and without its user it is the same request', async (t) => {
    const eventId = await createEvent(2)
    const header = { 'idempotency-key': 'again' }
    const first = await ann.reserve(eventId, {}, header)
    const second = await ann.reserve(eventId, { user_id: 'ann' }, header)
    t.strictSame(second.body, first.body)
    t.equal(second.headers['idempotency-replayed'], 'true')
    const bob = await as('bob')
    const other = await bob.reserve(eventId, {}, header)
    t.match(other, { status: 201, body: { booking: { user_id: 'bob' } } }, "another user's key")
  })

  await t.test("an event of another tenant's is not there", async (t) => {
    const eventId = await createEvent(2, 'globex')
    t.match(await ann.reserve(eventId), { status: 404, body: { error: 'Event not found' } })
    const namesake = await as('ann', 'globex')
    t.equal((await namesake.reserve(eventId)).status, 201)
  })

  await t.test('it sees events, but changes none and reads no history', async (t) => {
    const eventId = await createEvent(2)
    t.match(await ann.ask('GET', `/events/${eventId}`), { status: 200, body: { id: eventId } })
    t.equal((await ann.ask('GET', '/events')).status, 200)
    t.equal((await ann.ask('POST', '/events', { name: 'Mine', total_seats: 1 })).status, 403)
    t.equal((await ann.ask('PATCH', `/events/${eventId}`, { total_seats: 9 })).status, 403)
    t.equal((await ann.ask('DELETE', `/events/${eventId}`)).status, 403)
    t.equal((await ann.ask('GET', `/events/${eventId}/history`)).status, 403)
  })
})

t.test('lists are of its own', async (t) => {
  const { as, createEvent } = await createTokenApi(t)
  const [ann, bob, cas] = [await as('ann'), await as('bob'), await as('cas')]
  const eventId = await createEvent(2)
  const booked = [await ann.reserve(eventId), await bob.reserve(eventId)]
  t.strictSame(
    booked.map(({ status }) => status),
    [201, 201],
  )
  t.equal((await cas.reserve(eventId, { waitlist: true })).status, 202)

  for (const query of ['', '?user_id=ann', `?event_id=${eventId}`, '?status=confirmed']) {
    const { status, body } = await ann.ask('GET', `/bookings${query}`)
    t.match({ status, body }, { status: 200, body: { bookings: [{ user_id: 'ann' }] } }, query)
    t.equal(body.bookings.length, 1)
  }
  t.match(await ann.ask('GET', '/bookings?user_id=bob'), MISMATCH)
  t.match(await ann.ask('GET', `/bookings?event_id=${eventId}&user_id=nobody`), MISMATCH)

  const line = `/events/${eventId}/waitlist`
  t.match(await cas.ask('GET', line), { body: { waitlist: [{ user_id: 'cas', position: 1 }] } })
  t.match(await cas.ask('GET', `${line}?user_id=cas`), { body: { waitlist: [{ user_id: 'cas' }] } })
  t.strictSame((await ann.ask('GET', line)).body, { waitlist: [], next_cursor: null })
  t.match(await ann.ask('GET', `${line}?user_id=cas`), MISMATCH)
})
