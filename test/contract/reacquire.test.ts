import t from 'tap'
import { createApi } from '../helpers/api.ts'

const EXPIRED = { status: 410, body: { error: 'The hold has expired' } }
const SOLD_OUT = { status: 409, body: { error: 'No seats available' } }
const LATE = { reacquire: true }
const ROUNDS = 12
const MAX_ROUNDS = 100
const JSON_TYPE = { 'content-type': 'application/json' }
/** Bodies that `confirm` has always passed over. */
const NO_OBJECTS = [null, [], ['reacquire'], [LATE], 'reacquire', '', 5, true]

t.test('a payment that comes late takes the seats again', async (t) => {
  const { app, ask, createEvent, reserve, expire, readAll, database } = await createApi(t)
  // Another process, as far as the database can tell.
  const other = await createApi(t, {}, database)
  const settle = (eventId: number) => ask('PATCH', `/events/${eventId}`, { name: 'Settled' })
  const confirm = async (id: number, body?: unknown, headers = {}) => {
    const given = { payload: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } }
    const url = `/api/bookings/${id}/confirm`
    const answer = await app.inject({ method: 'POST', url, ...(body !== undefined && given) })
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
  }
  const makeExpired = async (settings: object = {}, isSwept = true, lines?: object[]) => {
    const event = { total_seats: 2, max_seats_per_booking: 2, ...settings }
    const eventId = await createEvent(event)
    const more = { ...(lines ? { lines } : { seats: 2 }), hold: true, metadata: { order: 7 } }
    const { booking } = (await reserve(eventId, 'ann', more)).body
    await expire(booking.id)
    if (isSwept) await settle(eventId)
    return { eventId, id: Number(booking.id), booking }
  }
  const typesOf = async (eventId: number) => {
    const history = await readAll(`/events/${eventId}/history`, 'history', 100)
    return history.flatMap(({ type, seats_before: before, seats_after: after }) =>
      type === 'reacquired' || type === 'expired' ? [[type, before, after]] : [],
    )
  }

  await t.test('under the same id, swept or not, and once', async (t) => {
    for (const isSwept of [true, false]) {
      const { eventId, id, booking } = await makeExpired({}, isSwept)
      for (const body of [
        undefined,
        {},
        { reacquire: false },
        { reacquire: null },
        ...NO_OBJECTS,
      ]) {
        t.match(await confirm(id, body), EXPIRED)
      }
      const key = { 'idempotency-key': `late-${isSwept}` }
      const { status, body } = await confirm(id, LATE, key)
      t.equal(status, 200)
      t.strictSame(body, { ...booking, status: 'confirmed', expires_at: null })
      t.strictSame((await ask('GET', `/bookings/${id}`)).body, body)
      t.strictSame((await confirm(id, LATE, key)).body, body)
      t.strictSame((await confirm(id, LATE)).body, body, 'it is confirmed already')
      t.match((await ask('GET', `/events/${eventId}`)).body, { booked_seats: 2, held_seats: 0 })
      t.strictSame(await typesOf(eventId), [
        ['expired', 2, 0],
        ['reacquired', 0, 2],
      ])
      const listed = await ask('GET', `/bookings?status=expired&event_id=${eventId}`)
      t.strictSame(listed.body.bookings, [])
      await ask('DELETE', `/bookings/${id}`)
      const ended = await ask('GET', `/bookings/${id}`)
      t.match(ended, { status: 410, body: { booking: { status: 'cancelled', seats: 2 } } })
      t.match(await confirm(id, LATE), { status: 404 }, 'what was cancelled stays so')
    }
  })

  await t.test('not from others, nor beside a booking of its user', async (t) => {
    const { eventId, id } = await makeExpired()
    const bob = await reserve(eventId, 'bob')
    t.match(await confirm(id, LATE), SOLD_OUT)
    await ask('DELETE', `/bookings/${bob.body.booking.id}`)
    const again = await reserve(eventId, 'ann')
    const booked = { status: 409, body: { error: 'User already booked for this event' } }
    t.match(await confirm(id, LATE), booked)
    await ask('DELETE', `/bookings/${again.body.booking.id}`)
    t.equal((await confirm(id, LATE)).status, 200)
  })

  await t.test('not before those who wait', async (t) => {
    const { eventId, id } = await makeExpired({ total_seats: 3 }, false)
    await reserve(eventId, 'bob')
    const wait = await reserve(eventId, 'cid', { seats: 2, waitlist: true })
    t.match([wait.status, (await confirm(id, LATE)).status], [201, 409], 'cid was served')
    const dee = await reserve(eventId, 'dee', { seats: 2, waitlist: true })
    t.equal(dee.status, 202)
    const { bookings } = (await ask('GET', `/bookings?event_id=${eventId}&user_id=bob`)).body
    await ask('DELETE', `/bookings/${bookings[0].id}`)
    t.match(await confirm(id, LATE), SOLD_OUT, 'a seat is free, and dee waits for two')
  })

  await t.test('who waits meanwhile gives the place in line up', async (t) => {
    const pools = [{ key: 'front', capacity: 4 }]
    const types = [{ key: 'vip', name: 'VIP', pools: ['front'] }]
    for (const settings of [{}, { pools, ticket_types: types }]) {
      const { eventId, id } = await makeExpired({
        ...settings,
        total_seats: 4,
        max_seats_per_booking: 4,
      })
      await reserve(eventId, 'bob')
      const wait = await reserve(eventId, 'ann', { seats: 4, waitlist: true })
      t.equal(wait.status, 202)
      const more = await reserve(eventId, 'cid', { seats: 4, waitlist: true })
      t.equal(more.status, 202)
      t.match(await confirm(id, LATE), SOLD_OUT, 'cid waits, too')
      await ask('DELETE', `/waitlist/${more.body.waitlist_entry.id}`)
      t.match(await confirm(id, LATE), { status: 200, body: { seats: 2 } })
      t.match((await ask('GET', `/events/${eventId}`)).body, { waitlist_length: 0 })
      const history = await readAll(`/events/${eventId}/history`, 'history', 100)
      t.same(
        history.slice(-2).map(({ type }) => type),
        ['left_waitlist', 'reacquired'],
      )
    }
  })

  await t.test('after sales have ended; not where no more is known than its end', async (t) => {
    const { eventId, id } = await makeExpired()
    await ask('PATCH', `/events/${eventId}`, { sales_end_at: '2020-01-01T00:00:00Z' })
    t.equal((await confirm(id, LATE)).status, 200)
    const before = await makeExpired()
    await database.pool.query('UPDATE expired_holds SET seats = NULL WHERE booking_id = $1', [
      before.id,
    ])
    t.match(await confirm(before.id, LATE), EXPIRED)
    const bad = { status: 400, body: { error: 'reacquire must be true or false' } }
    for (const reacquire of ['yes', 1, [true], {}]) {
      t.match(await confirm(before.id, { reacquire }), bad)
    }
  })

  await t.test('not a numbered seat that is not there any more', async (t) => {
    const number = (eventId: number, to: number) => {
      const rows = [{ key: '1', seats: { from: 1, to } }]
      return ask('PUT', `/events/${eventId}/seating`, { sections: [{ key: 'A', rows }] })
    }
    const eventId = await createEvent({ total_seats: 4 })
    await number(eventId, 4)
    const lines = [{ ticket_type: 'default', seats: 1, labels: ['A-1-4'] }]
    const { booking } = (await reserve(eventId, 'ann', { lines, hold: true })).body
    await expire(booking.id)
    t.equal((await number(eventId, 3)).status, 200)
    const problem = { accept: 'application/problem+json' }
    const refused = await confirm(booking.id, LATE, problem)
    t.match(refused, { status: 409, body: { code: 'seats_taken', labels_taken: ['A-1-4'] } })
    await number(eventId, 4)
    t.match(await confirm(booking.id, LATE), { status: 200, body: { lines } }, 'it is there again')
  })

  await t.test('who waits for something else gives up the place in line', async (t) => {
    const pools = ['a', 'b'].map((key) => ({ key, capacity: 1 }))
    const types = pools.map(({ key }) => ({ key, name: key, pools: [key] }))
    const { eventId, id } = await makeExpired(
      { pools, ticket_types: types, total_seats: 4 },
      true,
      [{ ticket_type: 'a', seats: 1 }],
    )
    const ofB = { lines: [{ ticket_type: 'b', seats: 1 }] }
    await reserve(eventId, 'bob', ofB)
    const waiting = await reserve(eventId, 'ann', { ...ofB, waitlist: true })
    t.equal(waiting.status, 202)
    t.equal((await confirm(id, LATE)).status, 200)
    t.match((await ask('GET', `/events/${eventId}`)).body, { waitlist_length: 0 })
    const { entry } = waiting.body
    t.equal((await ask('GET', `/waitlist/${entry?.id ?? waiting.body.id}`)).status, 404)
  })

  await t.test('of two processes at once one gets the last seats', async (t) => {
    const winners = { late: 0, newcomer: 0 }
    const hasLoser = () => winners.late === 0 || winners.newcomer === 0
    for (let round = 0; round < ROUNDS || (hasLoser() && round < MAX_ROUNDS); round += 1) {
      const { eventId, id } = await makeExpired({}, round % 2 === 0)
      // Who asks first is not always the same.
      const first = round % 4 < 2 ? undefined : other.reserve(eventId, 'bob', { seats: 2 })
      const [late, twice, newcomer] = await Promise.all([
        confirm(id, LATE),
        other.ask('POST', `/bookings/${id}/confirm`, LATE),
        first ?? other.reserve(eventId, 'bob', { seats: 2 }),
      ])
      const isLate = late.status === 200
      t.equal(twice.status, late.status)
      t.match([late.status, newcomer.status], isLate ? [200, 409] : [409, 201])
      winners[isLate ? 'late' : 'newcomer'] += 1
      t.match((await ask('GET', `/events/${eventId}`)).body, { booked_seats: 2 })
      const all = await ask('GET', `/bookings?event_id=${eventId}`)
      t.strictSame(all.body.bookings.length, 1)
    }
    t.notOk(hasLoser(), `each was kept out by the other: ${JSON.stringify(winners)}`)
  })
})
