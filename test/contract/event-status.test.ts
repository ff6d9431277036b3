import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { untilEnded } from '../helpers/gathered.ts'

const LATE = '2020-01-01T00:00:00.000Z'
const EARLY = '2999-01-01T00:00:00.000Z'
const PROBLEM = { accept: 'application/problem+json' }
const DEFAULTS = {
  status: 'on_sale',
  time_zone: null,
  cancel_until: null,
  waitlist_closes_at: null,
}

t.test('status, time zone and the two deadlines are set, shown and told of', async (t) => {
  const { ask, createEvent } = await createApi(t)
  const made = await ask('POST', '/events', { name: 'Plain', total_seats: 1 })
  t.match(made, { status: 201, body: DEFAULTS })
  const settings = {
    status: 'draft',
    time_zone: 'Europe/Berlin',
    cancel_until: '2030-06-01T21:00:00+02:00',
    waitlist_closes_at: EARLY,
  }
  const shown = { ...settings, cancel_until: '2030-06-01T19:00:00.000Z' }
  const id = await createEvent(settings)
  const read = await ask('GET', `/events/${id}`)
  t.match(read.body, shown)
  const { body } = await ask('GET', '/events?sort=id&order=desc&limit=1')
  t.strictSame(body.events, [read.body], 'in lists, too')

  const tags = new Set([read.headers['etag']])
  const changes = {
    status: 'on_sale',
    time_zone: null,
    cancel_until: null,
    waitlist_closes_at: null,
  }
  for (const [name, value] of Object.entries(changes)) {
    const changed = await ask('PATCH', `/events/${id}`, { [name]: value })
    t.match(changed, { status: 200, body: { [name]: value } })
    tags.add(changed.headers['etag'])
  }
  t.equal(tags.size, 5, 'each is part of the entity tag')
  const history = await ask('GET', `/events/${id}/history`)
  t.match(history.body.history, [
    { type: 'event_created', settings: shown },
    ...Object.entries(changes).map(([name, value]) => ({
      type: 'settings_changed',
      settings: { [name]: value },
    })),
  ])
})

t.test('400 names the field', async (t) => {
  const { ask, createEvent } = await createApi(t)
  const id = await createEvent({ time_zone: 'UTC' })
  const zone = 'time_zone must be the name of an IANA time zone, such as Europe/Berlin, or null'
  const time =
    'must be an ISO 8601 date-time with its offset from UTC, in the years 1 to 9999, or null'
  const cases: [string, unknown[], string][] = [
    ['status', ['open', '', 1], 'status must be one of draft, on_sale, paused, cancelled'],
    ['time_zone', ['+02:00', 'Berlin', 'Mars/Olympus', '', 2, 'UTC\n', 'x'.repeat(65)], zone],
    ['cancel_until', ['soon', 7], `cancel_until ${time}`],
    ['waitlist_closes_at', ['2024-02-30T00:00:00Z'], `waitlist_closes_at ${time}`],
  ]
  for (const [name, values, error] of cases) {
    for (const value of values) {
      const made = await ask('POST', '/events', { name: 'x', total_seats: 1, [name]: value })
      t.strictSame([made.status, made.body], [400, { error }])
      const changed = await ask('PATCH', `/events/${id}`, { [name]: value })
      t.strictSame([changed.status, changed.body], [400, { error }])
    }
  }
  t.match((await ask('GET', `/events/${id}`)).body, { ...DEFAULTS, time_zone: 'UTC' })
  for (const name of ['Etc/GMT+5', 'Europe/Kyiv', 'US/Pacific', 'Asia/Kolkata', 'GMT']) {
    const { status, body } = await ask('PATCH', `/events/${id}`, { time_zone: name })
    t.strictSame([status, body.time_zone], [200, name], 'as it was given')
  }
})

t.test('409 not_on_sale names the status, time and again', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t)
  for (const status of ['draft', 'paused', 'cancelled']) {
    const id = await createEvent({ status })
    const error = `The event is not on sale: its status is ${status}`
    for (const more of [{}, {}, { hold: true }, { waitlist: true }, { seats: 2 }]) {
      t.match(await reserve(id, 'ann', more), { status: 409, body: { error } })
    }
    const body = { event_id: id, user_id: 'ann' }
    const problem = await ask('POST', '/bookings/reserve', body, PROBLEM)
    t.match(problem.body, { code: 'not_on_sale', detail: error, status: 409 })
  }
})

t.test('an event that was full, and is paused, tells so, and sells again', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t)
  const id = await createEvent({ total_seats: 1 })
  const { body } = await reserve(id, 'ann')
  const again = (user: string) =>
    reserve(id, user).then((answer) => String(answer.body.error ?? 'booked'))
  t.same([await again('bob'), await again('bob')], Array(2).fill('No seats available'))
  await ask('PATCH', `/events/${id}`, { status: 'paused' })
  // The event has refused lately: a plain read comes first.
  const paused = 'The event is not on sale: its status is paused'
  t.same([await again('ann'), await again('bob')], [paused, paused])
  t.match(await ask('DELETE', `/bookings/${body.booking.id}`), { status: 204 })
  t.equal(await again('bob'), paused)
  await ask('PATCH', `/events/${id}`, { status: 'on_sale' })
  t.equal(await again('bob'), 'booked')
})

t.test('who waits is served when the event is on sale again', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t)
  const id = await createEvent({ total_seats: 1 })
  const { body } = await reserve(id, 'ann')
  t.equal((await reserve(id, 'bob', { waitlist: true })).status, 202)
  await ask('PATCH', `/events/${id}`, { status: 'paused' })
  await ask('DELETE', `/bookings/${body.booking.id}`)
  t.match((await ask('GET', `/events/${id}`)).body, { available_seats: 1, waitlist_length: 1 })
  const sold = await ask('PATCH', `/events/${id}`, { status: 'on_sale' })
  t.match(sold.body, { available_seats: 0, waitlist_length: 0, booked_seats: 1 })
})

t.test('409 cancellation_closed, waitlist_closed', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t)
  const settings = { total_seats: 4, max_seats_per_booking: 2 }
  const late = { cancel_until: LATE, waitlist_closes_at: LATE }
  const id = await createEvent({ ...settings, ...late })
  const booked = (await reserve(id, 'ann', { seats: 2 })).body.booking.id
  const held = (await reserve(id, 'bob', { seats: 2, hold: true })).body.booking.id
  const code = async (method: 'PATCH' | 'DELETE', booking: number, body?: object) =>
    String((await ask(method, `/bookings/${booking}`, body, PROBLEM)).body?.code ?? 'done')
  const closed = 'cancellation_closed'
  t.same(
    [await code('DELETE', booked), await code('PATCH', booked, { seats: 1 })],
    [closed, closed],
  )
  const joined = await ask(
    'POST',
    '/bookings/reserve',
    { event_id: id, user_id: 'cid', waitlist: true },
    PROBLEM,
  )
  t.match(joined, { status: 409, body: { code: 'waitlist_closed' } })
  t.same([await code('PATCH', held, { seats: 1 }), await code('DELETE', held)], ['done', 'done'])
  await ask('PATCH', `/events/${id}`, { cancel_until: EARLY })
  t.equal(await code('DELETE', booked), 'done')
})

t.test('a cancelled event ends what it has, and stays cancelled', async (t) => {
  const { ask, createEvent, reserve, database } = await createApi(t)
  const id = await createEvent({ total_seats: 2 })
  const booked = (await reserve(id, 'ann')).body.booking.id
  const held = (await reserve(id, 'bob', { hold: true })).body.booking.id
  const entry = (await reserve(id, 'cid', { waitlist: true })).body.waitlist_entry.id
  const cancelled = await ask('PATCH', `/events/${id}`, { status: 'cancelled' })
  t.match(cancelled, {
    status: 200,
    body: { status: 'cancelled', booked_seats: 1, waitlist_length: 1 },
  })
  await untilEnded(database.pool, id)
  t.match((await ask('GET', `/events/${id}`)).body, { available_seats: 2, waitlist_length: 0 })
  for (const url of [`/bookings/${booked}`, `/bookings/${held}`]) {
    t.equal((await ask('GET', url)).status, 410)
  }
  t.equal((await ask('GET', `/waitlist/${entry}`)).status, 404)
  t.equal((await ask('POST', `/bookings/${held}/confirm`)).status, 404)
  const { body } = await ask('GET', `/events/${id}/history?after=4`)
  t.match(body.history, [
    { type: 'settings_changed', settings: { status: 'cancelled' } },
    { type: 'cancelled', user_id: 'ann', booking_id: booked, actor: null, request_id: null },
    { type: 'released', user_id: 'bob', booking_id: held },
    { type: 'left_waitlist', user_id: 'cid', waitlist_entry_id: entry },
  ])
  const back = await ask('PATCH', `/events/${id}`, { status: 'on_sale' }, PROBLEM)
  t.match(back, { status: 409, body: { code: 'event_cancelled' } })
  t.match(await ask('PATCH', `/events/${id}`, { name: 'Off' }), {
    status: 200,
    body: { name: 'Off' },
  })
  t.equal((await ask('DELETE', `/events/${id}`)).status, 204)
})

t.test('a cancelled event at which nobody is booked any more ends its line', async (t) => {
  const { ask, createEvent, reserve, database } = await createApi(t)
  const id = await createEvent({ total_seats: 1 })
  const booked = (await reserve(id, 'ann')).body.booking.id
  await reserve(id, 'bob', { waitlist: true })
  await ask('PATCH', `/events/${id}`, { status: 'paused' })
  await ask('DELETE', `/bookings/${booked}`)
  await ask('PATCH', `/events/${id}`, { status: 'cancelled' })
  await untilEnded(database.pool, id)
  t.equal((await ask('GET', `/events/${id}`)).body.waitlist_length, 0)
})
