import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTokenApi } from '../helpers/token-api.ts'

const GONE = { status: 404, body: { error: 'Booking not found' } }
const PROBLEM = { accept: 'application/problem+json' }

t.test('a booking that has ended is told of for a week', async (t) => {
  const { ask, createEvent, reserve, expire, database } = await createApi(t)
  const get = (id: number, headers = {}) => ask('GET', `/bookings/${id}`, undefined, headers)
  const settle = (eventId: number) => ask('PATCH', `/events/${eventId}`, { name: 'Settled' })
  const metadata = { order: 7 }
  const make = async (userId: string, more: object = {}) => {
    const eventId = await createEvent({ total_seats: 9, max_seats_per_booking: 4 })
    const { body } = await reserve(eventId, userId, { seats: 2, metadata, ...more })
    return { eventId, id: Number(body.booking.id), booking: body.booking }
  }

  await t.test('an expired hold, before and after it is swept', async (t) => {
    const { eventId, id, booking } = await make('ann', { hold: true })
    await expire(id)
    const unswept = await get(id)
    t.match(unswept, { status: 410, body: { error: 'The hold has expired' } })
    const { expires_at: expiresAt } = unswept.body.booking
    const last = { ...booking, status: 'expired', expires_at: expiresAt, ended_at: expiresAt }
    t.strictSame(unswept.body, { error: 'The hold has expired', booking: last })
    await settle(eventId)
    t.strictSame((await get(id)).body, unswept.body)
    const problem = await get(id, PROBLEM)
    t.match(problem.headers['content-type'], 'application/problem+json')
    t.match(problem.body, { code: 'hold_expired', status: 410, detail: 'The hold has expired' })
    t.strictSame(problem.body.booking, last)
  })

  await t.test('one that was cancelled, and a hold that was released', async (t) => {
    for (const [hold, status, error] of [
      [false, 'cancelled', 'The booking was cancelled'],
      [true, 'released', 'The hold was released'],
    ] as const) {
      const { eventId, id, booking } = await make('ann', { hold })
      await ask('PATCH', `/bookings/${id}`, { seats: 3, metadata: {} })
      await ask('DELETE', `/bookings/${id}`)
      const { status: code, body } = await get(id)
      const { ended_at: endedAt } = body.booking
      t.ok(endedAt > booking.created_at)
      const lines = [{ ticket_type: 'default', seats: 3, labels: [] }]
      const last = { ...booking, seats: 3, lines, status, metadata: {}, ended_at: endedAt }
      t.strictSame([code, body], [410, { error, booking: last }])
      t.match((await get(id, PROBLEM)).body, { code: 'booking_ended' })
      t.match(await ask('POST', `/bookings/${id}/confirm`), GONE, 'commands answer as they did')
      t.match(await ask('POST', `/bookings/${id}/extend`), GONE)
      t.match(await ask('PATCH', `/bookings/${id}`, { seats: 1 }), GONE)
      t.match(await ask('DELETE', `/bookings/${id}`), GONE)
      t.match((await ask('GET', `/events/${eventId}`)).body, { available_seats: 9 })
    }
  })

  await t.test(
    'not after a week, nor where its event is deleted, nor what never was',
    async (t) => {
      const { eventId, id } = await make('ann')
      await ask('DELETE', `/bookings/${id}`)
      t.equal((await get(id)).status, 410)
      await ask('DELETE', `/events/${eventId}`)
      t.match(await get(id), GONE)
      const { id: old, eventId: oldEvent } = await make('ann')
      await ask('DELETE', `/bookings/${old}`)
      await database.pool.query(
        `UPDATE expired_holds SET expired_at = now() - interval '7 days' WHERE booking_id = $1`,
        [old],
      )
      t.match(await get(old), GONE)
      const listed = await ask('GET', `/bookings?status=cancelled&event_id=${oldEvent}`)
      t.strictSame(listed.body.bookings, [])
      t.match(await get(Number.MAX_SAFE_INTEGER), GONE)
    },
  )

  await t.test('what the version before has remembered has no last state', async (t) => {
    const eventId = await createEvent()
    await database.pool.query(
      `INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id)
       SELECT 4000000 + n, $1, 'default', CASE n WHEN 1 THEN 'ann' END FROM generate_series(1, 2) AS n
       ON CONFLICT (booking_id, slot) DO UPDATE SET event_id = excluded.event_id,
         tenant_id = excluded.tenant_id, user_id = excluded.user_id, expired_at = now()`,
      [eventId],
    )
    for (const id of [4_000_001, 4_000_002]) {
      t.strictSame((await get(id)).body, { error: 'The hold has expired' })
    }
    const listed = await ask('GET', `/bookings?status=expired&event_id=${eventId}`)
    t.strictSame(listed.body, { bookings: [], next_cursor: null })
  })
})

t.test("another user's is 404, and in no list", async (t) => {
  const { as, createEvent } = await createTokenApi(t)
  const [ann, bob] = [await as('ann'), await as('bob')]
  const { body } = await ann.reserve(await createEvent(4))
  const { id } = body.booking
  await ann.ask('DELETE', `/bookings/${id}`)
  t.match(await ann.ask('GET', `/bookings/${id}`), { status: 410, body: { booking: { id } } })
  t.match(await bob.ask('GET', `/bookings/${id}`), GONE)
  const listed = '/bookings?status=cancelled'
  t.match((await ann.ask('GET', listed)).body.bookings, [{ id }])
  t.strictSame((await bob.ask('GET', listed)).body.bookings, [])
})
