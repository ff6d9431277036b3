import t from 'tap'
import { createApi } from '../helpers/api.ts'

const MAX = 2_147_483_647

t.test('events are changed and deleted', async (t) => {
  const { ask, createEvent, reserve, expire } = await createApi(t)

  await t.test('PATCH changes what is given, and only under the ETag that is asked', async (t) => {
    const id = await createEvent({ metadata: { b: 1, a: 2 }, starts_at: '2030-01-01T00:00:00Z' })
    const first = await ask('GET', `/events/${id}`)
    const tag = String(first.headers['etag'])
    const changed = await ask(
      'PATCH',
      `/events/${id}`,
      { name: 'New', starts_at: null, metadata: { d: 1, c: 2 } },
      { 'if-match': `"other", ${tag}` },
    )
    t.equal(changed.status, 200)
    const expected = { ...first.body, name: 'New', starts_at: null, metadata: { c: 2, d: 1 } }
    t.strictSame(changed.body, expected)
    const read = await ask('GET', `/events/${id}`)
    t.strictSame(read.body, expected)
    t.equal(read.headers['etag'], changed.headers['etag'])
    for (const value of [tag, `W/${String(changed.headers['etag'])}`, 'x', '']) {
      const headers = { 'if-match': value, accept: 'application/problem+json' }
      const refused = await ask('PATCH', `/events/${id}`, { name: 'No' }, headers)
      t.match(refused, { status: 412, body: { code: 'precondition_failed' } }, value)
      const kept = await ask('DELETE', `/events/${id}`, undefined, headers)
      t.equal(kept.status, 412)
    }
    const star = await ask('PATCH', `/events/${id}`, { name: 'Yes' }, { 'if-match': '*' })
    t.equal(star.status, 200)
  })

  await t.test('PATCH refuses nothing, nonsense and what is not there', async (t) => {
    const id = await createEvent()
    const nothing = await ask('PATCH', `/events/${id}`, { unknown: 1 })
    t.equal(nothing.status, 400)
    t.match(nothing.body.error, /^At least one of name, total_seats, .* is required$/)
    for (const change of [{ name: null }, { total_seats: null }, { hold_seconds: 0 }]) {
      t.equal((await ask('PATCH', `/events/${id}`, change)).status, 400)
    }
    const missing = { status: 404, body: { error: 'Event not found' } }
    t.match(await ask('PATCH', `/events/${MAX}`, { name: 'x' }), missing)
    t.match(await ask('GET', `/events/${MAX}`), missing)
    t.match(await ask('DELETE', `/events/${MAX}`), missing)
    const range = { status: 400, body: { error: `id must be an integer between 1 and ${MAX}` } }
    for (const bad of ['0', String(MAX + 1), '9'.repeat(30)]) {
      t.match(await ask('GET', `/events/${bad}`), range)
    }
    t.equal((await ask('GET', '/events/abc')).status, 404)
  })

  await t.test('capacity: not under what is taken; more of it serves the waitlist', async (t) => {
    const id = await createEvent({ total_seats: 3, max_seats_per_booking: 3 })
    await reserve(id, 'ann', { seats: 3 })
    await reserve(id, 'bob', { seats: 2, waitlist: true })
    const less = await ask('PATCH', `/events/${id}`, { total_seats: 2 })
    t.equal(less.status, 409)
    t.strictSame(less.body, { error: 'total_seats must not be less than the 3 seats taken' })
    const more = await ask('PATCH', `/events/${id}`, { total_seats: MAX })
    t.match(more, { status: 200, body: { booked_seats: 5, waitlist_length: 0 } })
    t.equal((await ask('PATCH', `/events/${id}`, { total_seats: 5 })).status, 200)
    const { body } = await ask('GET', `/bookings?event_id=${id}&user_id=bob`)
    t.match(body.bookings, [{ seats: 2, status: 'confirmed' }])
  })

  await t.test('DELETE only without bookings, unless it is forced', async (t) => {
    const empty = await createEvent()
    t.match(await ask('DELETE', `/events/${empty}`), { status: 204, body: null })
    t.equal((await ask('DELETE', `/events/${empty}`)).status, 404)
    const id = await createEvent()
    const { body } = await reserve(id, 'ann')
    const refused = await ask('DELETE', `/events/${id}?force=false`)
    t.equal(refused.status, 409)
    t.match(refused.body.error, /^The event has bookings/)
    t.equal((await ask('DELETE', `/events/${id}?force=maybe`)).status, 400)
    t.equal((await ask('DELETE', `/events/${id}?force=true`)).status, 204)
    t.equal((await ask('GET', `/bookings/${body.booking.id}`)).status, 404)
    t.equal((await reserve(id, 'bob')).status, 404)
    const held = await createEvent()
    const hold = await reserve(held, 'ann', { hold: true })
    await expire(hold.body.booking.id)
    t.equal((await ask('DELETE', `/events/${held}`)).status, 204)
  })
})
