import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { until } from '../helpers/until.ts'

interface ShownBooking {
  created_at: string
  expires_at: string | null
}

t.test('the waitlist', async (t) => {
  const { ask, createEvent, reserve, readAll } = await createApi(t)

  const namesIn = async (eventId: number) =>
    (await readAll(`/events/${eventId}/waitlist`, 'waitlist', 2)).map((entry) => entry['user_id'])
  const bookingOf = async (eventId: number, userId: string) => {
    const { body } = await ask('GET', `/bookings?event_id=${eventId}&user_id=${userId}`)
    const bookings: ShownBooking[] = body.bookings
    return bookings[0]
  }

  await t.test('202 with the entry and its position, listed in order', async (t) => {
    const eventId = await createEvent({ total_seats: 1 })
    await reserve(eventId, 'ann')
    for (const [i, userId] of ['bob', 'cid', 'dan', 'eve', 'flo'].entries()) {
      const { status, body } = await reserve(eventId, userId, { waitlist: true })
      t.equal(status, 202)
      const { id, created_at: createdAt } = body.waitlist_entry
      t.strictSame(body, {
        message: 'Added to the waitlist',
        waitlist_entry: {
          id,
          event_id: eventId,
          user_id: userId,
          seats: 1,
          lines: [{ ticket_type: 'default', seats: 1, labels: [] }],
          position: i + 1,
          created_at: createdAt,
          metadata: {},
        },
      })
    }
    const entries = await readAll(`/events/${eventId}/waitlist`, 'waitlist', 2)
    t.strictSame(
      entries.map(({ user_id: userId, position }) => [userId, position]),
      [
        ['bob', 1],
        ['cid', 2],
        ['dan', 3],
        ['eve', 4],
        ['flo', 5],
      ],
    )
    t.match((await ask('GET', `/events/${eventId}`)).body, { waitlist_length: 5 })
  })

  await t.test('one entry by its id or its user, where the 202 has said', async (t) => {
    const eventId = await createEvent({ total_seats: 1 })
    const other = await createEvent({ total_seats: 1 })
    await reserve(eventId, 'ann')
    await reserve(other, 'ann')
    await reserve(other, 'cid', { waitlist: true })
    const users = ['bob', 'cid', 'dan']
    const locations: string[] = []
    for (const userId of users) {
      const { headers, body } = await reserve(eventId, userId, { waitlist: true })
      t.equal(headers['location'], `/api/waitlist/${body.waitlist_entry.id}`)
      locations.push(String(headers['location']).slice('/api'.length))
      t.strictSame((await ask('GET', locations.at(-1) ?? '')).body, body.waitlist_entry)
    }
    const ofUser = async (userId: string): Promise<unknown> =>
      (await ask('GET', `/events/${eventId}/waitlist?user_id=${userId}`)).body
    for (const [i, userId] of users.entries()) {
      const entry = { user_id: userId, event_id: eventId, position: i + 1 }
      t.match(await ofUser(userId), { waitlist: [entry], next_cursor: null })
    }
    t.strictSame(await ofUser('ann'), { waitlist: [], next_cursor: null })

    // Whoever stands behind moves up.
    const [first = '', second = '', third = ''] = locations
    const gone = { status: 404, body: { error: 'Waitlist entry not found' } }
    t.equal((await ask('DELETE', second)).status, 204)
    t.match(await ask('GET', second), gone)
    t.match(await ask('GET', third), { status: 200, body: { user_id: 'dan', position: 2 } })
    t.match(await ofUser('dan'), { waitlist: [{ position: 2 }] })

    t.equal((await ask('DELETE', `/events/${eventId}?force=true`)).status, 204)
    t.match(await ask('GET', first), gone)
    const missing = { status: 404, body: { error: 'Event not found' } }
    t.match(await ask('GET', `/events/${eventId}/waitlist?user_id=bob`), missing)
    t.match(await ask('GET', '/waitlist/9007199254740991'), gone)
    t.equal((await ask('GET', '/waitlist/9007199254740992')).status, 400)
  })

  await t.test('409 twice in line, while booked, or for more than there ever is', async (t) => {
    const eventId = await createEvent({ total_seats: 1, max_seats_per_booking: 2 })
    await reserve(eventId, 'ann')
    const refused = (error: string) => ({ status: 409, body: { error } })
    const waiting = { waitlist: true }
    t.match(await reserve(eventId, 'ann', waiting), refused('User already booked for this event'))
    t.equal((await reserve(eventId, 'bob', waiting)).status, 202)
    t.match(
      await reserve(eventId, 'bob', waiting),
      refused('User is already on the waitlist of this event'),
    )
    t.match(
      await reserve(eventId, 'cid', { ...waiting, seats: 2 }),
      refused('The event has 1 seats only'),
    )
    t.match(await reserve(eventId, 'bob'), refused('No seats available'))
  })

  await t.test('a cancelled seat goes to the first in line, in the same transaction', async (t) => {
    for (const promotes of ['confirmed', 'held']) {
      const eventId = await createEvent({
        total_seats: 1,
        waitlist_promotes_to: promotes,
        hold_seconds: 30,
      })
      const { body } = await reserve(eventId, 'ann')
      await reserve(eventId, 'bob', { waitlist: true })
      await reserve(eventId, 'cid', { waitlist: true })
      t.equal((await ask('DELETE', `/bookings/${body.booking.id}`)).status, 204)
      const booking = await bookingOf(eventId, 'bob')
      t.match(booking, { status: promotes, seats: 1 })
      t.equal(booking?.expires_at === null, promotes === 'confirmed')
      t.strictSame(await namesIn(eventId), ['cid'])
      t.equal(await bookingOf(eventId, 'ann'), undefined)
    }
  })

  await t.test('nobody overtakes, not a smaller party nor a newcomer', async (t) => {
    const eventId = await createEvent({ total_seats: 4, max_seats_per_booking: 4 })
    const { body: first } = await reserve(eventId, 'ann', { seats: 2 })
    const { body: second } = await reserve(eventId, 'bob', { seats: 2 })
    const { body: large } = await reserve(eventId, 'cid', { seats: 3, waitlist: true })
    await reserve(eventId, 'dan', { seats: 1, waitlist: true })
    await ask('DELETE', `/bookings/${first.booking.id}`)
    t.strictSame(await namesIn(eventId), ['cid', 'dan'])
    t.equal((await reserve(eventId, 'eve')).status, 409)
    t.equal((await ask('PATCH', `/bookings/${second.booking.id}`, { seats: 3 })).status, 409)
    // Who stands behind is served as soon as the large party leaves.
    t.equal((await ask('DELETE', `/waitlist/${large.waitlist_entry.id}`)).status, 204)
    t.strictSame(await namesIn(eventId), [])
    t.match(await bookingOf(eventId, 'dan'), { seats: 1 })
    t.equal((await reserve(eventId, 'eve')).status, 201)
  })

  await t.test('leaving again, or a place that never was, is 404', async (t) => {
    const eventId = await createEvent({ total_seats: 1 })
    await reserve(eventId, 'ann')
    const { body } = await reserve(eventId, 'bob', { waitlist: true })
    const url = `/waitlist/${body.waitlist_entry.id}`
    t.match(await ask('DELETE', url), { status: 204, body: null })
    const gone = { status: 404, body: { error: 'Waitlist entry not found' } }
    t.match(await ask('DELETE', url), gone)
    t.match(await ask('DELETE', '/waitlist/2147483647'), gone)
    t.equal((await ask('DELETE', '/waitlist/0')).status, 400)
    t.equal((await reserve(eventId, 'bob', { waitlist: true })).status, 202)
  })

  await t.test('the list of no event is 404; cursors are of one list', async (t) => {
    const missing = { status: 404, body: { error: 'Event not found' } }
    t.match(await ask('GET', '/events/2147483647/waitlist'), missing)
    const eventId = await createEvent({ total_seats: 1 })
    t.match(await ask('GET', `/events/${eventId}/waitlist`), {
      status: 200,
      body: { waitlist: [], next_cursor: null },
    })
    for (const userId of ['ann', 'bob', 'cid']) await reserve(eventId, userId, { waitlist: true })
    const { body } = await ask('GET', `/events/${eventId}/waitlist?limit=1`)
    const other = await createEvent()
    const url = `/events/${other}/waitlist?cursor=${body.next_cursor}`
    t.equal((await ask('GET', url)).status, 400)
    const ofUser = `/events/${eventId}/waitlist?user_id=cid&cursor=${body.next_cursor}`
    t.equal((await ask('GET', ofUser)).status, 400)
  })
})

t.test('the sweeper serves who waits, without anybody asking', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t, { SWEEP_INTERVAL_MS: '50' })
  const eventId = await createEvent({ total_seats: 1, hold_seconds: 1 })
  const { body: hold } = await reserve(eventId, 'ann', { hold: true })
  await reserve(eventId, 'bob', { waitlist: true })
  const bob = await until(async () => {
    const { body } = await ask('GET', `/bookings?event_id=${eventId}&user_id=bob`)
    const bookings: ShownBooking[] = body.bookings
    return bookings[0]
  })
  const lateMs = Date.parse(bob.created_at) - Date.parse(hold.booking.expires_at)
  t.ok(lateMs >= 0, `${lateMs} ms after the expiry`)
  const { body } = await ask('GET', `/events/${eventId}/history`)
  const history: unknown[] = body.history
  const [expired, promoted] = history.slice(-2)
  t.match(expired, { type: 'expired', user_id: 'ann', request_id: null })
  t.match(promoted, { type: 'promoted', user_id: 'bob', request_id: null })
})
