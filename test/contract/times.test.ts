import t, { type Test } from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'

/** Times in `bookings.created_at`, the predecessor's column, that can't be shown. */
const UNKNOWN = [null, 'infinity', '-infinity', '0044-03-15 12:00+00 BC', '10000-01-01 00:00+00']
/** The first and the last that can. */
const KNOWN = [
  ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31 23:59:59.999999+00', '9999-12-31T23:59:59.999Z'],
  ['0099-02-03 04:05:06.7+00', '0099-02-03T04:05:06.700Z'],
] as const

async function createWithBooking(t: Test, createdAt: string | null) {
  const api = await createApi(t)
  const eventId = await api.createEvent({ total_seats: 10, max_seats_per_booking: 5 })
  const held = await api.reserve(eventId, 'ann', { hold: true })
  const { id } = held.body.booking
  await api.database.pool.query('UPDATE bookings SET created_at = $1 WHERE id = $2', [
    createdAt,
    id,
  ])
  return { ...api, eventId, id, hold: { ...held.body.booking, created_at: null } }
}

for (const createdAt of UNKNOWN) {
  t.test(`a booking that was made at ${createdAt ?? 'NULL'}`, async (t) => {
    const { ask, eventId, id, hold, database } = await createWithBooking(t, createdAt)
    t.same((await ask('GET', `/bookings/${id}`)).body, hold)
    t.same((await ask('GET', '/bookings')).body.bookings, [hold])
    t.same((await ask('GET', `/bookings?event_id=${eventId}&status=held`)).body.bookings, [hold])
    t.equal((await ask('GET', `/events/${eventId}`)).status, 200)

    await database.pool.query(`UPDATE bookings SET expires_at = now() + interval '1 minute'`)
    const key = { 'idempotency-key': 'extend' }
    const extended = await ask('POST', `/bookings/${id}/extend`, undefined, key)
    t.equal(extended.status, 200)
    t.equal(extended.body.created_at, null)
    const left = Date.parse(extended.body.expires_at) - Date.now()
    t.ok(left > 540_000 && left <= 601_000, `${left} ms from now`)
    const again = await ask('POST', `/bookings/${id}/extend`, undefined, key)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.same(again.body, extended.body)

    const resized = await ask('PATCH', `/bookings/${id}`, { seats: 3 })
    t.match(resized, { status: 200, body: { seats: 3, created_at: null } })
    const confirmed = await ask('POST', `/bookings/${id}/confirm`)
    t.match(confirmed, { status: 200, body: { status: 'confirmed', created_at: null } })
    t.equal((await ask('GET', `/events/${eventId}/history`)).status, 200)
    t.equal((await ask('DELETE', `/bookings/${id}`)).status, 204)
  })
}

t.test('the first and the last times that can be shown are', async (t) => {
  for (const [written, shown] of KNOWN) {
    const { ask, id } = await createWithBooking(t, written)
    t.equal((await ask('GET', `/bookings/${id}`)).body.created_at, shown)
    t.equal((await ask('GET', '/bookings')).body.bookings[0].created_at, shown)
    t.match(await ask('POST', `/bookings/${id}/confirm`), {
      status: 200,
      body: { created_at: shown },
    })
  }
})

// The CHECKs are there for it. Should somebody have dropped them, nothing fails, and what is decided
// is decided by the nearest time that can be shown.
t.test('wild times where there should be none', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const { rows } = await pool.query<{ drop: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop
     FROM pg_constraint WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%10000%'`,
  )
  t.equal(rows.length, 9)
  for (const { drop } of rows) await pool.query(drop)
  const { ask, reserve, createEvent } = await createApi(t, {}, database)
  const LATEST = '9999-12-31T23:59:59.999Z'

  const eventId = await createEvent({ total_seats: 3 })
  const wild = await reserve(eventId, 'ann', { hold: true })
  await reserve(eventId, 'ben', { hold: true })
  await pool.query(`UPDATE bookings SET expires_at = 'infinity' WHERE user_id = 'ann'`)
  await pool.query(`UPDATE event_history SET at = 'infinity'`)
  await pool.query(`UPDATE events SET starts_at = 'infinity', sales_end_at = 'infinity'`)
  const seen = { status: 200, body: { starts_at: LATEST, sales_end_at: LATEST } }
  t.match(await ask('GET', `/events/${eventId}`), seen)
  t.match(await ask('GET', '/events'), { status: 200, body: { events: [seen.body] } })
  t.equal((await ask('GET', '/events?sort=starts_at&limit=1')).status, 200)
  t.equal((await ask('GET', '/bookings')).status, 200)
  t.equal((await ask('GET', `/events/${eventId}/history`)).status, 200)
  const changed = await ask('PATCH', `/events/${eventId}`, { name: 'Changed' })
  t.match(changed, { status: 200, body: { name: 'Changed', starts_at: LATEST } })
  t.equal((await ask('PATCH', `/bookings/${wild.body.booking.id}`, { seats: 1 })).status, 200)
  t.equal((await reserve(eventId, 'cem')).status, 201, 'sales end never')

  await pool.query(
    `UPDATE events SET sales_end_at = '0044-03-15 12:00+00 BC', sales_start_at = NULL`,
  )
  t.equal((await ask('GET', `/events/${eventId}`)).status, 200)
  t.match(await reserve(eventId, 'dan'), { status: 409 }, 'sales have ended')
  await pool.query(`UPDATE events SET sales_end_at = NULL, sales_start_at = 'infinity'`)
  t.match(await reserve(eventId, 'dan'), { status: 409 }, 'sales begin never')
})
