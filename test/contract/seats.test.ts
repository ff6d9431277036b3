import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall, HALL, line, OFFER } from '../helpers/hall.ts'

t.test('numbered seats', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, createEvent } = api

  await t.test('a seating is read as it was set', async (t) => {
    const eventId = await createEvent(OFFER)
    t.equal((await ask('GET', `/events/${eventId}/seating`)).status, 404)
    const put = await ask('PUT', `/events/${eventId}/seating`, HALL)
    t.equal(put.status, 200)
    t.strictSame(put.body, HALL)
    const read = await ask('GET', `/events/${eventId}/seating`)
    t.strictSame(read.body, HALL)
    t.equal(read.headers['etag'], put.headers['etag'])
  })

  await t.test('a seat that is named has one holder', async (t) => {
    const eventId = await createHall(api)
    const lines = [line('stalls', ['A-1-1', 'A-1-2'])]
    const first = await reserve(eventId, 'ann', { lines })
    t.equal(first.status, 201)
    t.strictSame(first.body.booking.lines, lines)
    const second = await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-2', 'A-1-3'])] })
    t.equal(second.status, 409)
    t.strictSame(second.body, { error: 'Some of the seats are taken: A-1-2' })
    const third = await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-3'])] })
    t.equal(third.status, 201)
    await ask('DELETE', `/bookings/${first.body.booking.id}`)
    t.equal((await reserve(eventId, 'cid', { lines })).status, 201)
  })

  await t.test('the best that are free', async (t) => {
    const eventId = await createHall(api)
    const best = { ticket_type: 'stalls', seats: 2, best_available: { section: 'A' } }
    const { status, body } = await reserve(eventId, 'ann', { lines: [best] })
    t.equal(status, 201)
    t.strictSame(body.booking.lines, [line('stalls', ['A-1-3', 'A-1-4'])])
    const seats = await ask('GET', `/events/${eventId}/seats?status=booked`)
    t.match(seats.body, { seats: [{ label: 'A-1-3' }, { label: 'A-1-4' }], next_cursor: null })
  })

  await t.test('blocked seats are not for sale', async (t) => {
    const eventId = await createHall(api)
    const labels = ['A-2-1', 'B-1-1']
    t.equal((await ask('POST', `/events/${eventId}/seats/block`, { labels })).status, 204)
    t.match((await ask('GET', `/events/${eventId}`)).body, {
      blocked_seats: 2,
      available_seats: 10,
      pools: [{ key: 'stalls', capacity: 10, available: 9 }],
    })
    const refused = await reserve(eventId, 'ann', { lines: [line('stalls', ['A-2-1'])] })
    t.equal(refused.status, 409)
    t.equal((await ask('POST', `/events/${eventId}/seats/unblock`, { labels })).status, 204)
    t.equal((await reserve(eventId, 'ann', { lines: [line('stalls', ['A-2-1'])] })).status, 201)
  })

  await t.test('a booking moves to other seats in one step', async (t) => {
    const eventId = await createHall(api)
    const { body } = await reserve(eventId, 'ann', { lines: [line('stalls', ['A-1-1', 'A-1-2'])] })
    const lines = [line('stalls', ['A-1-2', 'A-1-3']), line('box', ['B-1-1'])]
    const moved = await ask('PATCH', `/bookings/${body.booking.id}`, { lines })
    t.equal(moved.status, 200)
    t.strictSame(moved.body.lines, lines)
    t.equal((await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-1'])] })).status, 201)
  })

  await t.test('a seat that is taken stays in the seating', async (t) => {
    const eventId = await createHall(api)
    await reserve(eventId, 'ann', { lines: [line('box', ['B-1-2'])] })
    const smaller = { sections: [HALL.sections[0]] }
    const refused = await ask('PUT', `/events/${eventId}/seating`, smaller)
    t.equal(refused.status, 409)
    t.strictSame(refused.body, { error: 'Seats that would be removed are taken, 1 in all: B-1-2' })
  })
})
