import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { bookingOf, gather, historyOf, IN_PIECES, named, untilPurged } from '../helpers/gathered.ts'
import { openSession } from '../helpers/sessions.ts'

// The promise: a deleted event is gone at once, with all that belongs to it, however long it takes
// to remove the rows; its history stays.

const BOOKED = 3000
const environment = { ...IN_PIECES, SWEEP_INTERVAL_MS: '50' }

t.test('what belongs to a deleted event is not found while its rows are still there', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const eventId = await gather(pool, {
    totalSeats: 2 * BOOKED,
    confirmed: BOOKED,
    live: 1,
    expired: 100,
    line: [2 * BOOKED],
  })
  const other = await gather(pool, { totalSeats: 5, confirmed: 1 })
  const { ask, readAll } = await createApi(t, environment, database)
  const booking = await bookingOf(pool, eventId, 'early-1')
  const hold = await bookingOf(pool, eventId, 'live-1')
  const [entry] = (await ask('GET', `/events/${eventId}/waitlist`)).body.waitlist
  // Of somebody else, for whom the removal of just these rows waits, or leaves them for later.
  const session = await openSession(
    t,
    database,
    'SELECT FROM bookings WHERE id = ANY($1) FOR UPDATE',
    [[booking, hold]],
  )

  t.equal((await ask('DELETE', `/events/${eventId}?force=true`)).status, 204)
  const { rowCount } = await pool.query('SELECT FROM bookings WHERE id = $1', [booking])
  t.equal(rowCount, 1, 'the row is still there')

  const gone = await Promise.all([
    ask('GET', `/events/${eventId}`),
    ask('PATCH', `/events/${eventId}`, { name: 'Back' }),
    ask('DELETE', `/events/${eventId}?force=true`),
    ask('GET', `/events/${eventId}/waitlist`),
    ask('POST', '/bookings/reserve', { event_id: eventId, user_id: 'late' }),
    ask('GET', `/bookings/${booking}`),
    ask('PATCH', `/bookings/${booking}`, { seats: 1 }),
    ask('DELETE', `/bookings/${booking}`),
    ask('POST', `/bookings/${hold}/confirm`),
    ask('POST', `/bookings/${hold}/extend`),
    ask('DELETE', `/waitlist/${entry.id}`),
  ])
  t.same(
    gone.map(({ status }) => status),
    gone.map(() => 404),
  )
  const listed = await readAll('/bookings?user_id=early-1', 'bookings', 10)
  t.same(
    listed.map(({ event_id: of }) => of),
    [other],
  )
  t.same(await readAll(`/bookings?event_id=${eventId}`, 'bookings', 10), [])
  t.same(await readAll('/bookings?user_id=live-1&status=held', 'bookings', 10), [])
  const events = await readAll('/events', 'events', 10)
  t.same(
    events.map(({ id }) => id),
    [other],
  )
  const told = async () => {
    const entries = await readAll(`/events/${eventId}/history`, 'history', 100)
    return entries.at(-1)?.['type']
  }
  t.equal(await told(), 'event_deleted')

  await session.rollback()
  await untilPurged(pool, eventId)
  t.equal(await told(), 'event_deleted', 'the history outlives the rows')
  const types = (await historyOf(t, pool, eventId)).map(({ type }) => type)
  t.equal(types.indexOf('event_deleted'), types.length - 1, 'nothing happened to it afterwards')
  t.same((await ask('GET', `/events/${eventId}`)).status, 404)
})

t.test('an event is deleted once, and what others do to it comes before', async (t) => {
  const { ask, reserve, database } = await createApi(t, environment)
  const { pool } = database
  const eventId = await gather(pool, { totalSeats: 2 * BOOKED, confirmed: BOOKED })
  const clients = named('newcomer', 100)
  const [deletions, reservations] = await Promise.all([
    Promise.all([1, 2, 3].map(() => ask('DELETE', `/events/${eventId}?force=true`))),
    Promise.all(clients.map((userId) => reserve(eventId, userId))),
  ])
  t.same(deletions.map(({ status }) => status).sort(), [204, 404, 404])
  const statuses = reservations.map(({ status }) => status)
  t.same(
    statuses.filter((status) => status !== 201 && status !== 404),
    [],
  )
  await untilPurged(pool, eventId)
  const types = (await historyOf(t, pool, eventId)).map(({ type }) => type)
  const booked = statuses.filter((status) => status === 201)
  t.same(types, [...booked.map(() => 'booked'), 'event_deleted'])
})
