import t from 'tap'
import { createApi } from '../helpers/api.ts'
import {
  bookedAt,
  bookingOf,
  gather,
  historyOf,
  IN_PIECES,
  named,
  untilSettled,
  usersOf,
} from '../helpers/gathered.ts'

// The promise: no command is decided wrongly because of what is left for later transactions.

const EXPIRED = 600

t.test('who is in no need of room is decided in the middle', async (t) => {
  const { ask, reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const eventId = await gather(pool, { totalSeats: EXPIRED + 2, live: 2, expired: EXPIRED })
  const confirmed = await bookingOf(pool, eventId, 'live-1')
  const cancelled = await bookingOf(pool, eventId, 'live-2')
  const answers = await Promise.all([
    reserve(eventId, 'newcomer'),
    ask('POST', `/bookings/${confirmed}/confirm`),
    ask('DELETE', `/bookings/${cancelled}`),
  ])
  t.same(
    answers.map(({ status }) => status),
    [201, 200, 204],
  )
  await untilSettled(pool, eventId)
  t.same(await bookedAt(t, pool, eventId), ['live-1', 'newcomer'])
  const types = (await historyOf(t, pool, eventId)).map(({ type }) => type)
  const lastEnd = types.lastIndexOf('expired')
  t.ok(types.indexOf('confirmed') < lastEnd, 'confirmed before the last hold has ended')
  t.ok(types.indexOf('released') < lastEnd, 'released before the last hold has ended')
})

t.test('a hold that has expired is over, although its end is to come', async (t) => {
  const { ask, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const eventId = await gather(pool, {
    totalSeats: EXPIRED,
    maxSeatsPerBooking: 2,
    expired: EXPIRED,
  })
  // The last four in the order in which they end.
  const [confirmed = 0, extended = 0, cancelled = 0, resized = 0] = await Promise.all(
    named('hold', EXPIRED)
      .slice(-4)
      .map((userId) => bookingOf(pool, eventId, userId)),
  )
  const answers = await Promise.all([
    ask('POST', `/bookings/${confirmed}/confirm`),
    ask('POST', `/bookings/${extended}/extend`),
    ask('DELETE', `/bookings/${cancelled}`),
    ask('PATCH', `/bookings/${resized}`, { seats: 2 }),
    ask('GET', `/bookings/${confirmed}`),
  ])
  t.same(
    answers.map(({ status }) => status),
    [410, 410, 404, 404, 410],
  )
  await untilSettled(pool, eventId)
  t.same(await bookedAt(t, pool, eventId), [])
  const ended = usersOf(await historyOf(t, pool, eventId), 'expired')
  t.same([ended.length, new Set(ended).size], [EXPIRED, EXPIRED], 'each ended once')
  t.equal((await ask('POST', `/bookings/${confirmed}/confirm`)).status, 410)
})

t.test('whose own hold has expired can book again at once', async (t) => {
  const { reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const eventId = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const again = named('hold', EXPIRED).slice(-100)
  const answers = await Promise.all(again.map((userId) => reserve(eventId, userId)))
  t.same(new Set(answers.map(({ status }) => status)), new Set([201]))
  await untilSettled(pool, eventId)
  t.same((await bookedAt(t, pool, eventId)).sort(), again.sort())
  const history = await historyOf(t, pool, eventId)
  t.equal(usersOf(history, 'expired').length, EXPIRED)
  const fates = again.map((userId) =>
    history.filter(({ user }) => user === userId).map(({ type }) => type),
  )
  t.same(
    fates,
    again.map(() => ['expired', 'booked']),
  )
})

t.test('newcomers get all the seats of expired holds, and no more', async (t) => {
  const { reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const eventId = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const answers = await Promise.all(
    named('newcomer', EXPIRED + 50).map((userId) => reserve(eventId, userId)),
  )
  const count = (status: number): number =>
    answers.filter((answer) => answer.status === status).length
  t.same([count(201), count(409)], [EXPIRED, 50])
  await untilSettled(pool, eventId)
  t.equal((await bookedAt(t, pool, eventId)).length, EXPIRED)
})

t.test('a party for which many pieces must make room is booked, not refused', async (t) => {
  const { ask, reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const given = { totalSeats: EXPIRED, maxSeatsPerBooking: EXPIRED, expired: EXPIRED }
  const [plain, keyed] = [await gather(pool, given), await gather(pool, given)]
  const party = await reserve(plain, 'party', { seats: EXPIRED, waitlist: true })
  t.equal(party.status, 201, 'booked, not put in line')

  const payload = { event_id: keyed, user_id: 'party', seats: EXPIRED }
  const headers = { 'idempotency-key': 'once' }
  const sent = () => ask('POST', '/bookings/reserve', payload, headers)
  const answers = await Promise.all([sent(), sent(), sent()])
  t.same(new Set(answers.map(({ status }) => status)), new Set([201]))
  const ids = new Set(answers.map(({ body }) => Number(body.booking.id)))
  t.equal(ids.size, 1, 'it took effect once')
  await untilSettled(pool, plain, keyed)
  for (const eventId of [plain, keyed]) t.same(await bookedAt(t, pool, eventId), ['party'])
})

t.test('a booking grows into the seats of expired holds', async (t) => {
  const { ask, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const total = EXPIRED + 1
  const given = { totalSeats: total, maxSeatsPerBooking: EXPIRED, confirmed: 1, expired: EXPIRED }
  const eventId = await gather(pool, given)
  const booking = await bookingOf(pool, eventId, 'early-1')
  t.match(await ask('PATCH', `/bookings/${booking}`, { seats: EXPIRED }), {
    status: 200,
    body: { seats: EXPIRED },
  })
  await untilSettled(pool, eventId)
  t.same(await bookedAt(t, pool, eventId), ['early-1'])
})

t.test('the capacity is lowered by the seats of expired holds, and by no more', async (t) => {
  const { ask, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const given = { totalSeats: EXPIRED + 5, confirmed: 5, expired: EXPIRED }
  const [enough, tooLow] = [await gather(pool, given), await gather(pool, given)]
  const [lowered, refused] = await Promise.all([
    ask('PATCH', `/events/${enough}`, { total_seats: 5 }),
    ask('PATCH', `/events/${tooLow}`, { total_seats: 4 }),
  ])
  t.match(lowered, { status: 200, body: { total_seats: 5, available_seats: 0, booked_seats: 5 } })
  const error = 'total_seats must not be less than the 5 seats taken'
  t.strictSame([refused.status, refused.body], [409, { error }])
  await untilSettled(pool, enough, tooLow)
  for (const eventId of [enough, tooLow]) {
    t.same(await bookedAt(t, pool, eventId), named('early', 5))
  }
})

t.test('the capacity is not lowered below a party far behind in the line', async (t) => {
  const { ask, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const line = [...named('', EXPIRED).map(() => 8), 9]
  const eventId = await gather(pool, { totalSeats: 10, maxSeatsPerBooking: 10, confirmed: 3, line })
  const lower = (seats: number) => ask('PATCH', `/events/${eventId}`, { total_seats: seats })
  const error = 'total_seats must not be less than the 9 seats that somebody in line waits for'
  t.match(await lower(8), { status: 409, body: { error } })
  t.equal((await lower(9)).status, 200)
})

t.test('an event is deleted without force where all its holds have expired', async (t) => {
  const { ask, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const [free, booked] = [
    await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED }),
    await gather(pool, { totalSeats: EXPIRED + 1, confirmed: 1, expired: EXPIRED }),
  ]
  const [deleted, refused] = await Promise.all([
    ask('DELETE', `/events/${free}`),
    ask('DELETE', `/events/${booked}`),
  ])
  t.same([deleted.status, refused.status], [204, 409])
  t.equal((await ask('GET', `/events/${free}`)).status, 404)
  await untilSettled(pool, booked)
  t.same(await bookedAt(t, pool, booked), ['early-1'])
})
