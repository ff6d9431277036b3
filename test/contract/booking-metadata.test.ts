import t from 'tap'
import { createApi } from '../helpers/api.ts'

t.test('a booking carries what its client stores with it', async (t) => {
  const { ask, createEvent, reserve, readAll, database } = await createApi(t)
  const metadata = { order: 'A-1', zz: [1e-300, { 'a\nb': null }], b: 5e-324 }
  const reserving = (eventId: number, userId: string, more: object, key: string) => {
    const payload = { event_id: eventId, user_id: userId, ...more }
    return ask('POST', '/bookings/reserve', payload, { 'idempotency-key': key })
  }
  const patch = (id: number, body: object, key?: string) =>
    ask('PATCH', `/bookings/${id}`, body, key === undefined ? {} : { 'idempotency-key': key })
  const typesOf = async (eventId: number) => {
    const history = await readAll(`/events/${eventId}/history`, 'history', 100)
    return history.map(({ type, metadata: carried }) => [type, carried])
  }
  const stored = async (key: string): Promise<unknown> => {
    const { rows } = await database.pool.query<{ response: unknown[] }>(
      'SELECT response FROM idempotency_keys WHERE key = $1',
      [key],
    )
    return rows[0]?.response[0]
  }

  await t.test('from the start, wherever it is read, also replayed', async (t) => {
    const eventId = await createEvent({ total_seats: 5 })
    const plain = await reserving(eventId, 'ann', {}, 'plain')
    t.strictSame(plain.body.booking.metadata, {})
    const made = await reserving(eventId, 'bob', { metadata, hold: true }, 'with')
    t.equal(made.status, 201)
    t.equal(JSON.stringify(made.body.booking.metadata), JSON.stringify(metadata))
    const { booking } = made.body
    const replayed = await reserving(eventId, 'bob', { metadata, hold: true }, 'with')
    t.equal(replayed.headers['idempotency-replayed'], 'true')
    t.strictSame(replayed.body, made.body)
    t.strictSame((await ask('GET', `/bookings/${booking.id}`)).body, booking)
    const { bookings } = (await ask('GET', `/bookings?event_id=${eventId}`)).body
    t.strictSame(bookings, [plain.body.booking, booking])
    t.strictSame([await stored('plain'), await stored('with')], ['booking', 'booking_with'])
    t.strictSame(await typesOf(eventId), [
      ['event_created', null],
      ['booked', null],
      ['held', metadata],
    ])
    const confirmed = await ask('POST', `/bookings/${booking.id}/confirm`)
    t.strictSame(confirmed.body.metadata, metadata, 'and it stays')
    const { rows } = await database.pool.query('SELECT metadata IS NULL AS none FROM bookings')
    t.strictSame(rows, [{ none: true }, { none: false }])
  })

  await t.test('changed alone, with the seats, and taken away', async (t) => {
    const eventId = await createEvent({ total_seats: 5, max_seats_per_booking: 4 })
    const { id } = (await reserve(eventId, 'ann')).body.booking
    const alone = await patch(id, { metadata: { a: 1 } }, 'alone')
    t.match(alone, { status: 200, body: { seats: 1, metadata: { a: 1 } } })
    t.strictSame((await patch(id, { metadata: { a: 1 } }, 'alone')).body, alone.body)
    t.strictSame((await patch(id, { metadata: { a: 1 } })).body, alone.body, 'as it is: no change')
    t.match((await patch(id, { seats: 2 })).body, { seats: 2, metadata: { a: 1 } })
    const both = await patch(id, { seats: 3, metadata: { b: 2 } })
    t.strictSame([both.body.seats, both.body.metadata], [3, { b: 2 }])
    t.strictSame((await ask('GET', `/bookings/${id}`)).body, both.body)
    const none = await patch(id, { seats: null, metadata: {} })
    t.strictSame([none.body.seats, none.body.metadata], [3, {}])
    t.strictSame((await ask('GET', `/bookings/${id}`)).body, none.body)
    t.strictSame((await typesOf(eventId)).slice(2), [
      ['metadata_changed', { a: 1 }],
      ['resized', null],
      ['resized', { b: 2 }],
      ['metadata_changed', {}],
    ])
    t.match(await patch(id, { seats: 9, metadata: { c: 1 } }), { status: 400 })
    t.strictSame((await ask('GET', `/bookings/${id}`)).body, none.body, 'all or nothing')
  })

  await t.test('over the waitlist', async (t) => {
    const eventId = await createEvent({ total_seats: 1 })
    const first = (await reserve(eventId, 'ann')).body.booking
    const wait = () => reserving(eventId, 'bob', { waitlist: true, metadata }, 'waits')
    const waiting = await wait()
    t.strictSame(waiting.body.waitlist_entry.metadata, metadata)
    t.strictSame((await wait()).body, waiting.body)
    const { id } = waiting.body.waitlist_entry
    t.strictSame((await ask('GET', `/waitlist/${id}`)).body, waiting.body.waitlist_entry)
    const { waitlist } = (await ask('GET', `/events/${eventId}/waitlist`)).body
    t.strictSame(waitlist, [waiting.body.waitlist_entry])
    await ask('DELETE', `/bookings/${first.id}`)
    const { bookings } = (await ask('GET', `/bookings?event_id=${eventId}`)).body
    t.match(bookings, [{ user_id: 'bob', metadata }])
    const told = (await typesOf(eventId)).slice(2)
    t.strictSame(told, [
      ['waitlisted', metadata],
      ['cancelled', null],
      ['promoted', metadata],
    ])
  })

  await t.test('400 for what is none, or too large', async (t) => {
    const eventId = await createEvent()
    const { id } = (await reserve(eventId, 'ann')).body.booking
    for (const bad of ['x', 1, [], { a: '\0' }, { a: '\ud800' }, { a: 'x'.repeat(16_400) }]) {
      for (const answer of [
        await reserve(eventId, 'bob', { metadata: bad }),
        await patch(id, { metadata: bad }),
      ]) {
        t.match(answer, { status: 400, body: { error: /^metadata must be an object of at most/ } })
      }
    }
    t.match(await patch(id, { metadata: null }), { status: 400 }, 'null is not given')
  })
})
