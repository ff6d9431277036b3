import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { until } from '../helpers/until.ts'

const MAX = Number.MAX_SAFE_INTEGER
const MAX_EVENT = 2_147_483_647
const GONE = { status: 404, body: { error: 'Booking not found' } }
const NOTHING = 'At least one of seats, lines, metadata is required'
const EXPIRED = { status: 410, body: { error: 'The hold has expired' } }

t.test('the life of a booking', async (t) => {
  const { ask, createEvent, reserve, expire, readAll, database } = await createApi(t)

  async function holdOne(settings: object = {}) {
    const eventId = await createEvent(settings)
    const { body } = await reserve(eventId, 'ann', { hold: true })
    return { eventId, id: Number(body.booking.id), booking: body.booking }
  }
  const makeExpiredHold = async () => {
    const hold = await holdOne({ total_seats: 1 })
    await expire(hold.id)
    return hold
  }

  await t.test('several seats, all or none, up to what the event allows', async (t) => {
    const eventId = await createEvent({ total_seats: 5, max_seats_per_booking: 4 })
    const first = await reserve(eventId, 'ann', { seats: 3 })
    t.match(first, { status: 201, body: { booking: { seats: 3, status: 'confirmed' } } })
    t.equal(first.headers['location'], `/api/bookings/${first.body.booking.id}`)
    const soldOut = { status: 409, body: { error: 'No seats available' } }
    t.match(await reserve(eventId, 'bob', { seats: 3 }), soldOut)
    const most = { status: 400, body: { error: 'seats must be an integer between 1 and 4' } }
    t.match(await reserve(eventId, 'bob', { seats: 5 }), most)
    t.equal((await reserve(eventId, 'bob', { seats: 2 })).status, 201)
  })

  await t.test('400 for seats, hold and waitlist that are none', async (t) => {
    const eventId = await createEvent()
    const seats = 'seats must be an integer between 1 and 1000'
    for (const bad of [0, -1, 1.5, '1', 1001, true]) {
      t.match(await reserve(eventId, 'ann', { seats: bad }), {
        status: 400,
        body: { error: seats },
      })
    }
    for (const name of ['hold', 'waitlist']) {
      for (const bad of ['true', 1]) {
        const error = `${name} must be true or false`
        t.match(await reserve(eventId, 'ann', { [name]: bad }), { status: 400, body: { error } })
      }
    }
  })

  await t.test('what is null is not given', async (t) => {
    const eventId = await createEvent()
    const nulls = { seats: null, hold: null, waitlist: null }
    const key = { 'idempotency-key': 'nulls' }
    const payload = { event_id: eventId, user_id: 'ann' }
    const given = await ask('POST', '/bookings/reserve', { ...payload, ...nulls }, key)
    t.match(given, { status: 201, body: { booking: { seats: 1, status: 'confirmed' } } })
    const again = await ask('POST', '/bookings/reserve', payload, key)
    t.strictSame(again.body, given.body, 'and so the same request')
    const resize = await ask('PATCH', `/bookings/${given.body.booking.id}`, { seats: null })
    t.match(resize, { status: 400, body: { error: NOTHING } })
  })

  await t.test('a blank user_id is 400', async (t) => {
    const eventId = await createEvent()
    const error = 'user_id must not be blank'
    for (const blank of [' ', '   ', '\u00a0', '\u2003\u3000', '\ufeff']) {
      t.match(await reserve(eventId, blank), { status: 400, body: { error } })
      const listed = await ask('GET', `/bookings?user_id=${encodeURIComponent(blank)}`)
      t.match(listed, { status: 400, body: { error } })
    }
    t.equal((await reserve(eventId, ' a ')).status, 201)
  })

  await t.test('409 outside of the sales window', async (t) => {
    const closed = await createEvent({ sales_end_at: '2020-01-01T00:00:00Z' })
    const notOpen = await createEvent({ sales_start_at: '2999-01-01T00:00:00Z' })
    const open = await createEvent({
      sales_start_at: '2020-01-01T00:00:00Z',
      sales_end_at: '2999-01-01T00:00:00Z',
    })
    for (const again of [1, 2]) {
      const answers = [await reserve(closed, 'ann'), await reserve(notOpen, 'ann')]
      t.match(answers[0], { status: 409, body: { error: 'Sales are closed' } }, String(again))
      t.match(answers[1], { status: 409, body: { error: 'Sales are not open' } })
    }
    t.equal((await reserve(open, 'ann')).status, 201)
  })

  await t.test('a hold shows when it ends, and is confirmed, again and again', async (t) => {
    const { id, booking } = await holdOne({ hold_seconds: 60 })
    t.equal(booking.status, 'held')
    t.equal(Date.parse(booking.expires_at) - Date.parse(booking.created_at), 60_000)
    t.strictSame((await ask('GET', `/bookings/${id}`)).body, booking)
    for (const again of [1, 2]) {
      const { status, body } = await ask('POST', `/bookings/${id}/confirm`)
      t.equal(status, 200, String(again))
      t.strictSame(body, { ...booking, status: 'confirmed', expires_at: null })
    }
    const error = 'Only a held booking can be extended'
    t.match(await ask('POST', `/bookings/${id}/extend`), { status: 409, body: { error } })
  })

  await t.test('a hold is extended, to four times its time in all', async (t) => {
    const { id, booking } = await holdOne({ hold_seconds: 60 })
    const { body } = await ask('POST', `/bookings/${id}/extend`)
    t.ok(body.expires_at > booking.expires_at)
    await database.pool.query(
      `UPDATE bookings SET created_at = now() - interval '200 seconds',
        expires_at = now() + interval '10 seconds' WHERE id = $1`,
      [id],
    )
    const last = await ask('POST', `/bookings/${id}/extend`)
    t.equal(last.status, 200)
    t.equal(Date.parse(last.body.expires_at) - Date.parse(last.body.created_at), 240_000)
    const error = 'The hold cannot be extended any further'
    t.match(await ask('POST', `/bookings/${id}/extend`), { status: 409, body: { error } })
  })

  await t.test('a hold ends by itself, without a sweeper', async (t) => {
    const { eventId, id } = await holdOne({ total_seats: 1, hold_seconds: 1 })
    t.equal((await reserve(eventId, 'bob')).status, 409)
    const bob = await until(async () => {
      const answer = await reserve(eventId, 'bob')
      return answer.status === 201 ? answer : undefined
    })
    t.match(bob.body, { booking: { user_id: 'bob' } })
    t.match(await ask('POST', `/bookings/${id}/confirm`), EXPIRED)
  })

  await t.test(
    'an expired hold is no booking: 410 or 404, before and after it is swept',
    async (t) => {
      const operations: [Parameters<typeof ask>, object][] = [
        [['POST', '/confirm'], EXPIRED],
        [['POST', '/extend'], EXPIRED],
        [['PATCH', '', { seats: 1 }], GONE],
        [['DELETE', ''], GONE],
        [['GET', ''], EXPIRED],
      ]
      for (const [[method, path, body], answer] of operations) {
        const { eventId, id } = await makeExpiredHold()
        const { body: list } = await ask('GET', `/bookings?event_id=${eventId}`)
        t.strictSame(list.bookings, [])
        t.match(await ask(method, `/bookings/${id}${path}`, body), answer, `${method} ${path}`)
        // Its user may book again, which sweeps it.
        t.equal((await reserve(eventId, 'ann')).status, 201)
        t.match(await ask(method, `/bookings/${id}${path}`, body), answer, `${method} ${path}`)
      }
    },
  )

  await t.test('404 for a booking that never was, 400 for an id that is none', async (t) => {
    const range = { status: 400, body: { error: `id must be an integer between 1 and ${MAX}` } }
    for (const [id, answer] of [[MAX, GONE] as const, [0, range] as const]) {
      t.match(await ask('POST', `/bookings/${id}/confirm`), answer)
      t.match(await ask('POST', `/bookings/${id}/extend`), answer)
      t.match(await ask('PATCH', `/bookings/${id}`, { seats: 1 }), answer)
      t.match(await ask('DELETE', `/bookings/${id}`), answer)
      t.match(await ask('GET', `/bookings/${id}`), answer)
    }
    t.match(await ask('GET', '/bookings/x'), { status: 404, body: { error: 'Not found' } })
  })

  await t.test('DELETE gives the seats back, once', async (t) => {
    const eventId = await createEvent({ total_seats: 1 })
    for (const hold of [false, true]) {
      const { body } = await reserve(eventId, 'ann', { hold })
      const id = String(body.booking.id)
      t.match(await ask('DELETE', `/bookings/${id}`), { status: 204, body: null })
      t.match(await ask('DELETE', `/bookings/${id}`), GONE)
      t.match(await ask('POST', `/bookings/${id}/confirm`), GONE)
    }
    t.match((await ask('GET', `/events/${eventId}`)).body, { available_seats: 1 })
  })

  await t.test('PATCH grows and shrinks', async (t) => {
    const eventId = await createEvent({ total_seats: 5, max_seats_per_booking: 4 })
    const { body } = await reserve(eventId, 'ann', { seats: 2 })
    await reserve(eventId, 'bob')
    const url = `/bookings/${body.booking.id}`
    t.match(await ask('PATCH', url, { seats: 4 }), { status: 200, body: { seats: 4 } })
    const most = 'seats must be an integer between 1 and 4'
    t.match(await ask('PATCH', url, { seats: 5 }), { status: 400, body: { error: most } })
    t.match(await ask('PATCH', url, { seats: 1 }), { status: 200, body: { seats: 1 } })
    await reserve(eventId, 'cid', { seats: 3 })
    t.match(await ask('PATCH', url, { seats: 2 }), {
      status: 409,
      body: { error: 'No seats available' },
    })
    t.match(await ask('PATCH', url, { seats: 1 }), { status: 200 })
    const required = { status: 400, body: { error: NOTHING } }
    t.match(await ask('PATCH', url, {}), required)
    const object = { status: 400, body: { error: 'The body must be an object' } }
    t.match(await ask('PATCH', url), object)
    for (const seats of [0, 1.5, '2', 1001]) {
      const error = 'seats must be an integer between 1 and 1000'
      t.match(await ask('PATCH', url, { seats }), { status: 400, body: { error } })
    }
    t.match((await ask('GET', `/events/${eventId}`)).body, { booked_seats: 5 })
  })

  await t.test('lists by event, user and status, to the end', async (t) => {
    const eventId = await createEvent({ total_seats: 20 })
    for (let i = 0; i < 11; i += 1) await reserve(eventId, `user ${i}`, { hold: i % 2 === 0 })
    const url = `/bookings?event_id=${eventId}`
    const all = await readAll(url, 'bookings', 3)
    t.strictSame(
      all.map(({ user_id: userId }) => userId),
      Array.from({ length: 11 }, (_, i) => `user ${i}`),
    )
    t.equal((await readAll(`${url}&status=held`, 'bookings', 2)).length, 6)
    t.equal((await readAll(`${url}&status=confirmed`, 'bookings', 2)).length, 5)
    t.equal((await readAll('/bookings?user_id=user%207', 'bookings', 2)).length, 1)
    t.equal((await readAll(`/bookings?event_id=${MAX_EVENT}`, 'bookings', 2)).length, 0)
    const page = await ask('GET', `${url}&limit=11`)
    t.equal(page.body.next_cursor, null)
    for (const [query = '', error = ''] of [
      ['event_id=0', `event_id must be an integer between 1 and ${MAX_EVENT}`],
      ['event_id=', `event_id must be an integer between 1 and ${MAX_EVENT}`],
      ['status=gone', 'status must be one of confirmed, held, expired, cancelled'],
      ['order=newest', 'order must be one of asc, desc'],
      ['cursor=x', 'cursor must be a next_cursor of this list'],
    ]) {
      t.match(await ask('GET', `/bookings?${query}`), { status: 400, body: { error } })
    }
    t.equal((await ask('GET', '/bookings?user_id=%00')).status, 400)
  })

  await t.test('lists newest first, with all filters, by cursors of their own', async (t) => {
    const eventId = await createEvent({ total_seats: 20 })
    for (let i = 0; i < 11; i += 1) await reserve(eventId, `guest ${i}`, { hold: i % 2 === 0 })
    const url = `/bookings?event_id=${eventId}`
    const filtered = [
      `${url}&status=held`,
      `${url}&user_id=guest%203`,
      '/bookings?user_id=guest%205',
    ]
    for (const list of [url, ...filtered]) {
      const oldestFirst = await readAll(list, 'bookings', 3)
      t.ok(oldestFirst.length > 0)
      t.strictSame(await readAll(`${list}&order=desc`, 'bookings', 3), oldestFirst.toReversed())
      t.strictSame(await readAll(`${list}&order=asc`, 'bookings', 3), oldestFirst)
    }
    const [asc, desc] = [
      await ask('GET', `${url}&limit=1`),
      await ask('GET', `${url}&limit=1&order=desc`),
    ]
    const refused = { status: 400, body: { error: 'cursor must be a next_cursor of this list' } }
    for (const [order, { body }] of [
      ['desc', asc],
      ['asc', desc],
    ] as const) {
      const mixed = `${url}&order=${order}&cursor=${body.next_cursor}`
      t.match(await ask('GET', mixed), refused, mixed)
    }
  })
})
