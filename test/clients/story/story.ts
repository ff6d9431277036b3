// The story of the README and of docs/api.md, told with a client that openapi-typescript and
// openapi-fetch make of the document. The test copies this beside the generated `api.d.ts`, compiles
// it strictly, and runs it against a service.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './api.js'

type Booking = components['schemas']['Booking']

const client = createClient<paths>({ baseUrl: process.argv[2] ?? '' })

const concert = await client.POST('/api/events', {
  body: { name: 'Concert', total_seats: 4, max_seats_per_booking: 4, metadata: null },
})
assert.equal(concert.response.status, 201)
assert.ok(concert.data)
const event_id: number = concert.data.id
const tag = concert.response.headers.get('etag') ?? ''

const reserved = await reserve({ event_id, user_id: 'user123' })
assert.equal(reserved.status, 'confirmed')
const again = await client.POST('/api/bookings/reserve', { body: { event_id, user_id: 'user123' } })
assert.equal(again.response.status, 409)
assert.ok(again.error && 'error' in again.error)
assert.equal(again.error.error, 'User already booked for this event')

const hold = await reserve({ event_id, user_id: 'ann', seats: 3, hold: true, waitlist: null })
assert.equal(hold.status, 'held')
assert.ok(hold.expires_at)
const ofHold = { params: { path: { id: hold.id } } }
const extended = await client.POST('/api/bookings/{id}/extend', ofHold)
assert.equal(extended.data?.status, 'held')
const confirmed = await client.POST('/api/bookings/{id}/confirm', ofHold)
assert.equal(confirmed.data?.expires_at, null)

const queued = await client.POST('/api/bookings/reserve', {
  body: { event_id, user_id: 'ben', seats: 2, waitlist: true },
})
assert.equal(queued.response.status, 202)
assert.ok(queued.data && 'waitlist_entry' in queued.data)
assert.equal(queued.data.waitlist_entry.position, 1)
const ofEvent = { params: { path: { id: event_id } } }
const line = await client.GET('/api/events/{id}/waitlist', ofEvent)
assert.deepEqual(pageOf(line.data).waitlist, [queued.data.waitlist_entry])

// Ann cancels, and the same commit books for Ben.
const cancelled = await client.DELETE('/api/bookings/{id}', ofHold)
assert.equal(cancelled.response.status, 204)
const bens = await client.GET('/api/bookings', { params: { query: { event_id, user_id: 'ben' } } })
const [bensBooking] = pageOf(bens.data).bookings
assert.equal(bensBooking?.seats, 2)
const resized = await client.PATCH('/api/bookings/{id}', {
  params: { path: { id: bensBooking.id } },
  body: { seats: 3 },
})
assert.equal(resized.data?.seats, 3)

// A key makes it take effect once, also where nulls stand for what is not given.
const header = { 'idempotency-key': 'story' }
const once = await client.POST('/api/events', {
  params: { header },
  body: { name: 'Once', total_seats: 1 },
})
const twice = await client.POST('/api/events', {
  params: { header },
  body: { name: 'Once', total_seats: 1, hold_seconds: null },
})
assert.equal(twice.response.headers.get('idempotency-replayed'), 'true')
assert.deepEqual(twice.data, once.data)

const stale = await client.PATCH('/api/events/{id}', {
  params: { path: { id: event_id }, header: { 'if-match': tag } },
  body: { total_seats: 6 },
})
assert.equal(stale.response.status, 412)
const larger = await client.PATCH('/api/events/{id}', { ...ofEvent, body: { total_seats: 6 } })
assert.equal(larger.data?.available_seats, 2)

const history = await client.GET('/api/events/{id}/history', {
  params: { path: { id: event_id }, query: { after: 0, limit: 100, cursor: '' } },
})
const types = pageOf(history.data).history.map(({ type }) => type)
assert.deepEqual(types.slice(0, 3), ['event_created', 'booked', 'held'])
assert.equal(types.at(-1), 'capacity_changed')

const deleted = await client.DELETE('/api/events/{id}', {
  params: { path: { id: event_id }, query: { force: true } },
})
assert.equal(deleted.response.status, 204)
assert.equal((await client.GET('/api/events/{id}', ofEvent)).response.status, 404)
console.log('told')

/** Lists are JSON where nothing else is asked for, and CSV where that is. */
function pageOf<T extends object>(data: T | string | undefined): T {
  assert.ok(typeof data === 'object')
  return data
}

async function reserve(body: components['schemas']['ReserveInput']): Promise<Booking> {
  const { data, response } = await client.POST('/api/bookings/reserve', { body })
  assert.equal(response.status, 201)
  assert.ok(data && 'booking' in data)
  return data.booking
}
