import t from 'tap'
import { createApi } from '../helpers/api.ts'

t.test('the history', async (t) => {
  const { ask, createEvent, reserve, expire, readAll, database } = await createApi(t)

  await t.test('tells every change, in order, with who and what and when', async (t) => {
    const eventId = await createEvent({ total_seats: 2, max_seats_per_booking: 2 })
    const as = { 'x-request-id': 'trace-1' }
    const payload = { event_id: eventId, user_id: 'ann', hold: true }
    const { body: held } = await ask('POST', '/bookings/reserve', payload, as)
    const id = String(held.booking.id)
    await ask('POST', `/bookings/${id}/extend`)
    await ask('POST', `/bookings/${id}/confirm`)
    await ask('POST', `/bookings/${id}/confirm`)
    await ask('PATCH', `/bookings/${id}`, { seats: 2 })
    const { body: bob } = await reserve(eventId, 'bob', { waitlist: true })
    const { body: cid } = await reserve(eventId, 'cid', { waitlist: true })
    await ask('DELETE', `/waitlist/${cid.waitlist_entry.id}`)
    await ask('DELETE', `/bookings/${id}`)
    await ask('PATCH', `/events/${eventId}`, { total_seats: 3, name: 'New' })
    await ask('PATCH', `/events/${eventId}`, { name: 'Newer' })
    const { body: hold } = await reserve(eventId, 'dan', { hold: true })
    await expire(hold.booking.id)
    await reserve(eventId, 'eve')
    await ask('DELETE', `/events/${eventId}?force=true`)
    t.equal((await ask('GET', `/events/${eventId}`)).status, 404)

    const history = await readAll(`/events/${eventId}/history`, 'history', 4)
    t.strictSame(
      history.map((entry) => [
        entry['sequence'],
        entry['type'],
        entry['user_id'],
        entry['seats_before'],
        entry['seats_after'],
        entry['status'],
      ]),
      [
        [1, 'event_created', null, 0, 2, null],
        [2, 'held', 'ann', 0, 1, 'held'],
        [3, 'extended', 'ann', 1, 1, 'held'],
        [4, 'confirmed', 'ann', 1, 1, 'confirmed'],
        [5, 'resized', 'ann', 1, 2, 'confirmed'],
        [6, 'waitlisted', 'bob', 0, 1, null],
        [7, 'waitlisted', 'cid', 0, 1, null],
        [8, 'left_waitlist', 'cid', 1, 0, null],
        [9, 'cancelled', 'ann', 2, 0, null],
        [10, 'promoted', 'bob', 0, 1, 'confirmed'],
        [11, 'capacity_changed', null, 2, 3, null],
        [12, 'settings_changed', null, 3, 3, null],
        [13, 'settings_changed', null, 3, 3, null],
        [14, 'held', 'dan', 0, 1, 'held'],
        [15, 'expired', 'dan', 1, 0, null],
        [16, 'booked', 'eve', 0, 1, 'confirmed'],
        [17, 'event_deleted', null, 3, 0, null],
      ],
    )
    t.match(history[1], {
      booking_id: held.booking.id,
      expires_at: held.booking.expires_at,
      at: held.booking.created_at,
      request_id: 'trace-1',
      waitlist_entry_id: null,
    })
    t.match(history[9], { waitlist_entry_id: bob.waitlist_entry.id })
    t.equal(history[14]?.['request_id'], null)
    t.match(history[0]?.['settings'], {
      ...{ name: 'Concert', total_seats: 2, max_seats_per_booking: 2, hold_seconds: 600 },
      ...{ starts_at: null, waitlist_promotes_to: 'confirmed', metadata: {} },
    })
    t.strictSame(history[12]?.['settings'], { name: 'Newer' })
    t.equal(history[10]?.['settings'], null)

    const after = await ask('GET', `/events/${eventId}/history?after=15`)
    const late: { sequence: number }[] = after.body.history
    t.strictSame(
      late.map(({ sequence }) => sequence),
      [16, 17],
    )
    const end = await ask('GET', `/events/${eventId}/history?after=17`)
    t.match(end, { status: 200, body: { history: [], next_cursor: null } })
    t.strictSame(
      await readAll(`/events/${eventId}/history?after=3`, 'history', 1),
      history.slice(3),
    )
  })

  await t.test('is read from within the changes of one commit', async (t) => {
    const eventId = await createEvent({ total_seats: 50 })
    await Promise.all(Array.from({ length: 40 }, (_, i) => reserve(eventId, `user ${i}`)))
    const { rows } = await database.pool.query('SELECT FROM event_history WHERE event_id = $1', [
      eventId,
    ])
    t.ok(rows.length < 41, 'some commits hold several changes')
    const history = await readAll(`/events/${eventId}/history`, 'history', 7)
    t.strictSame(
      history.map(({ sequence }) => sequence),
      Array.from({ length: 41 }, (_, i) => i + 1),
    )
  })

  await t.test('of no event is 404; a sequence number that is none is 400', async (t) => {
    t.equal((await ask('GET', '/events/2147483647/history')).status, 404)
    const { rows } = await database.pool.query<{ id: number }>(
      `INSERT INTO events (name, total_seats) VALUES ('By hand', 1) RETURNING id`,
    )
    const url = `/events/${rows[0]?.id ?? 0}/history`
    t.match(await ask('GET', url), { status: 200, body: { history: [], next_cursor: null } })
    for (const after of ['-1', 'x', '9007199254740992', '1.5']) {
      t.match(await ask('GET', `${url}?after=${after}`), {
        status: 400,
        body: { error: 'after must be an integer between 0 and 9007199254740991' },
      })
    }
  })
})
