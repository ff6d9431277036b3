import t from 'tap'
import { createPoolsApi, HALL, leftIn, of, PROBLEM, shown } from '../helpers/pools.ts'

t.test('lines of bookings', async (t) => {
  const { ask, createEvent, reserve, readAll, eventOf, problemOf } = await createPoolsApi(t)

  await t.test('a booking shows its lines, wherever it is shown', async (t) => {
    const eventId = await createEvent(HALL)
    const lines = [of('adult'), of('vip', 2)]
    const { status, body } = await reserve(eventId, 'ann', { lines })
    t.same([status, body.booking.seats, body.booking.lines], [201, 3, shown(...lines)])
    const { id } = body.booking
    t.same((await ask('GET', `/bookings/${id}`)).body.lines, shown(...lines))
    const { body: list } = await ask('GET', `/bookings?event_id=${eventId}`)
    t.same(list.bookings[0].lines, shown(...lines))
    const history = await readAll(`/events/${eventId}/history`, 'history', 10)
    t.match(history.at(-1), { type: 'booked', seats_after: 3 })
    t.same(history.at(-1)?.['lines'], shown(...lines))
    t.match(history[0], { type: 'event_created', lines: null, settings: { pools: HALL.pools } })
  })

  await t.test('seats alone are of the only type; of several, lines tell', async (t) => {
    const only = await createEvent({ ...HALL, ticket_types: [HALL.ticket_types[1]] })
    const made = await reserve(only, 'ann', { seats: 2 })
    t.equal(made.body.booking.seats, 2)
    t.same(made.body.booking.lines, shown(of('vip', 2)))
    t.same(leftIn(await eventOf(only)), [0])
    const several = await createEvent(HALL)
    t.match(await problemOf(several, 'ann', { seats: 1 }), { status: 400, code: 'lines_required' })
    t.match(await problemOf(several, 'ann', {}), { status: 400, code: 'lines_required' })
    t.match(await problemOf(several, 'ann', { seats: 1, lines: [of('adult')] }), {
      ...{ status: 400, code: 'validation_failed' },
      detail: 'seats and lines must not both be given',
    })
    const plain = await createEvent()
    const ofPlain = await reserve(plain, 'ann', { lines: [of('default')] })
    t.same(ofPlain.body.booking.lines, shown(of('default')))
  })

  await t.test('lines change in one step, also where the event is full', async (t) => {
    const eventId = await createEvent(HALL)
    const { body } = await reserve(eventId, 'ann', { lines: [of('adult', 2)] })
    await reserve(eventId, 'bob', { lines: [of('adult'), of('vip')] })
    const url = `/bookings/${body.booking.id}`
    t.equal((await eventOf(eventId)).available_seats, 0)
    const changed = await ask('PATCH', url, { lines: [of('adult'), of('vip')] })
    t.same([changed.status, changed.body.lines], [200, shown(of('adult'), of('vip'))])
    t.same(leftIn(await eventOf(eventId)), [0])
    const refused = await ask('PATCH', url, { lines: [of('vip', 2)] }, PROBLEM)
    t.match(refused.body, { status: 409, code: 'sold_out', pool: 'front', available: 0 })
    const unclear = await ask('PATCH', url, { seats: 1 }, PROBLEM)
    t.match(unclear.body, { status: 400, code: 'lines_required' })
    const neither = await ask('PATCH', url, {}, PROBLEM)
    t.match(neither.body, { status: 400, code: 'missing_fields' })
    t.same((await ask('GET', url)).body.lines, shown(of('adult'), of('vip')))
  })

  await t.test('a request that is sent again is answered with the same lines', async (t) => {
    const eventId = await createEvent(HALL)
    const request = { event_id: eventId, user_id: 'ann', lines: [of('vip'), of('adult')] }
    const key = { 'idempotency-key': `lines-${eventId}` }
    const first = await ask('POST', '/bookings/reserve', request, key)
    const again = await ask('POST', '/bookings/reserve', request, key)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.strictSame(again.body, first.body)
    const other = { ...request, lines: [of('vip'), of('vip')] }
    t.equal((await ask('POST', '/bookings/reserve', other, key)).status, 422)
  })
})
