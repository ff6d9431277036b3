import t from 'tap'
import { referenceOf } from '../../src/domain/reference.ts'
import { createApi } from '../helpers/api.ts'

// Version 1.0 kept HTTP answers under idempotency keys. For a day after an upgrade they are there,
// and a request that is repeated is answered from them.

const booking = {
  ...{ id: 7, event_id: 1, user_id: 'ann', seats: 2, status: 'held' },
  ...{ expires_at: '2026-01-15T10:40:00.000Z', created_at: '2026-01-15T10:30:00.000Z' },
}
const entry = {
  ...{ id: 3, event_id: 1, user_id: 'bob', seats: 1, position: 4 },
  created_at: '2026-01-15T10:30:00.000Z',
}

const lines = (seats: number) => [{ ticket_type: 'default', seats, labels: [] }]
/** What bookings and entries have got since. */
const SINCE = {
  booking: { lines: lines(2), reference: referenceOf(7), metadata: {} },
  entry: { lines: lines(1), metadata: {} },
}

const CASES = [
  [
    201,
    { message: 'Booking reserved successfully', booking },
    { booking: { ...booking, ...SINCE.booking } },
  ],
  [
    202,
    { message: 'Added to the waitlist', waitlist_entry: entry },
    { waitlist_entry: { ...entry, ...SINCE.entry } },
  ],
] as const

for (const [status, body, since] of CASES) {
  t.test(`an answer ${status} of version 1.0 is repeated`, async (t) => {
    const { ask, database } = await createApi(t)
    const key = { 'idempotency-key': 'k' }
    const request = { event_id: 1, user_id: 'ann' }
    // Any request stores the fingerprint that this one has.
    await database.pool.query(`INSERT INTO events (name, total_seats) VALUES ('One', 1)`)
    t.match(await ask('POST', '/bookings/reserve', request, key), { status: 201 })
    const response = JSON.stringify({ status, headers: {}, body })
    await database.pool.query('UPDATE idempotency_keys SET response = $1', [response])

    const repeated = await ask('POST', '/bookings/reserve', request, key)
    t.match(repeated, { status, headers: { 'idempotency-replayed': 'true' } })
    t.strictSame(repeated.body, { ...body, ...since })
  })
}

t.test('so is an event, and an answer without a body', async (t) => {
  const { ask, database } = await createApi(t)
  const key = { 'idempotency-key': 'k' }
  const request = { name: 'Concert', total_seats: 3, metadata: { starts_at: 'x', a_b: [1] } }
  const made = await ask('POST', '/events', request, key)
  const headers = { etag: '"old"', location: '/api/events/1' }
  const response = JSON.stringify({ status: 201, headers, body: made.body })
  await database.pool.query('UPDATE idempotency_keys SET response = $1', [response])
  const repeated = await ask('POST', '/events', request, key)
  t.equal(repeated.headers['idempotency-replayed'], 'true')
  t.strictSame(repeated.body, made.body)
  t.equal(repeated.headers['etag'], made.headers['etag'], 'with a tag that fits today')

  t.equal((await ask('DELETE', '/events/1', undefined, { 'idempotency-key': 'd' })).status, 204)
  await database.pool.query(
    `UPDATE idempotency_keys SET response = '{"status":204,"headers":{},"body":null}' WHERE key = 'd'`,
  )
  t.equal((await ask('DELETE', '/events/1', undefined, { 'idempotency-key': 'd' })).status, 204)
})
