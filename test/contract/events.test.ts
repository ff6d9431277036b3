import t from 'tap'
import { createApi } from '../helpers/api.ts'

const MAX = 2_147_483_647
const TIME_RULE = 'an ISO 8601 date-time with its offset from UTC, in the years 1 to 9999, or null'
const NAME_RULE = 'a string of 1 to 255 characters without control characters'

const START = '2030-01-01T10:00:00.000Z'
const END = '2030-01-01T20:00:00.000Z'
const DEFAULTS = {
  total_seats: 3,
  max_seats_per_booking: 1,
  hold_seconds: 600,
  waitlist_promotes_to: 'confirmed',
  metadata: {},
}

t.test('events are made and shown', async (t) => {
  const { ask, createEvent, reserve, expire } = await createApi(t)

  await t.test('201 with the whole event, Location and ETag', async (t) => {
    const answer = await ask('POST', '/events', { name: 'Plain', total_seats: 10 })
    t.equal(answer.status, 201)
    const { id } = answer.body
    t.strictSame(answer.body, {
      id,
      name: 'Plain',
      total_seats: 10,
      available_seats: 10,
      booked_seats: 0,
      held_seats: 0,
      blocked_seats: 0,
      waitlist_length: 0,
      starts_at: null,
      sales_start_at: null,
      sales_end_at: null,
      max_seats_per_booking: 1,
      hold_seconds: 600,
      waitlist_promotes_to: 'confirmed',
      status: 'on_sale',
      time_zone: null,
      cancel_until: null,
      waitlist_closes_at: null,
      pools: [],
      ticket_types: [],
      metadata: {},
    })
    t.equal(answer.headers['location'], `/api/events/${id}`)
    const read = await ask('GET', `/events/${id}`)
    t.strictSame(read.body, answer.body)
    t.equal(read.headers['etag'], answer.headers['etag'])
    t.match(read.headers['etag'], /^"[\w-]{27}"$/)
  })

  await t.test('every member is kept; times come back in UTC', async (t) => {
    const event = {
      name: 'ä'.repeat(255),
      total_seats: 0,
      starts_at: '2030-06-01T21:00:00.5+02:00',
      sales_start_at: '2024-01-01T00:00:00Z',
      sales_end_at: '9999-12-31T23:59:59.999Z',
      max_seats_per_booking: 1000,
      hold_seconds: 86_400,
      waitlist_promotes_to: 'held',
      metadata: { zebra: [1, { b: null, a: 1e300 }], 'a"b': 'ü😀', aa: -0.5 },
    }
    const { status, body, headers } = await ask('POST', '/events', event)
    t.equal(status, 201)
    t.match(body, {
      ...event,
      starts_at: '2030-06-01T19:00:00.500Z',
      sales_start_at: '2024-01-01T00:00:00.000Z',
    })
    const read = await ask('GET', `/events/${body.id}`)
    t.strictSame(read.body, body)
    t.equal(read.headers['etag'], headers['etag'])
  })

  await t.test('what is null is not given, but for the times', async (t) => {
    const nulls = {
      max_seats_per_booking: null,
      hold_seconds: null,
      waitlist_promotes_to: null,
      metadata: null,
    }
    const times = { starts_at: START, sales_start_at: START, sales_end_at: END }
    const made = await ask('POST', '/events', { name: 'Nulls', total_seats: 3, ...times, ...nulls })
    t.match(made, { status: 201, body: { ...DEFAULTS, ...times } })

    const url = `/events/${made.body.id}`
    const cleared = { starts_at: null, sales_start_at: null, sales_end_at: null }
    const changed = await ask('PATCH', url, {
      ...nulls,
      ...cleared,
      name: null,
      total_seats: null,
    })
    t.match(changed, { status: 200, body: { ...DEFAULTS, ...cleared, name: 'Nulls' } })
    const nothing = await ask('PATCH', url, { ...nulls, name: null })
    t.match(nothing, { status: 400, body: { error: /^At least one of name, / } })
  })

  await t.test('400 names the field and the rule', async (t) => {
    const good = { name: 'Concert', total_seats: 1 }
    const required = 'name and total_seats are required'
    for (const bad of [{}, { name: 'x' }, { ...good, name: '' }, { ...good, total_seats: null }]) {
      t.strictSame((await ask('POST', '/events', bad)).body, { error: required })
    }
    const seconds = 'hold_seconds must be an integer between 1 and 86400'
    const most = 'max_seats_per_booking must be an integer between 1 and 1000'
    const total = `total_seats must be an integer between 0 and ${MAX}`
    const cases: [string, unknown[], string][] = [
      ['name', [7, 'a\0b', 'x'.repeat(256), '\ud800', 'a\n'], `name must be ${NAME_RULE}`],
      ['total_seats', ['1', 1.5, -1, MAX + 1, true], total],
      ['max_seats_per_booking', [0, 1001, '1'], most],
      ['hold_seconds', [0, 86_401, '1'], seconds],
      ['waitlist_promotes_to', ['none', 1], 'waitlist_promotes_to must be one of confirmed, held'],
    ]
    for (const name of ['starts_at', 'sales_start_at', 'sales_end_at']) {
      const wrong = [
        '',
        'soon',
        7,
        '2024-01-01',
        '2024-01-01T00:00:00',
        '2024-02-30T00:00:00Z',
        '2024-01-01T24:30:00Z',
        '2016-12-31T23:59:60Z',
        '0000-06-01T00:00:00Z',
        '0001-01-01T00:00:00+14:00',
        '9999-12-31T23:59:59-12:00',
        '+010000-01-01T00:00:00Z',
      ]
      cases.push([name, wrong, `${name} must be ${TIME_RULE}`])
    }
    for (const [name, values, text] of cases) {
      for (const value of values) {
        const { status, body } = await ask('POST', '/events', { ...good, [name]: value })
        t.equal(status, 400, `${name} ${JSON.stringify(value)}`)
        t.strictSame(body, { error: text })
      }
    }
    let deep: unknown = 1
    for (let i = 0; i < 17; i += 1) deep = { deep }
    const big = { text: 'x'.repeat(16_384) }
    for (const metadata of [1, 'x', [], { a: 'b\0' }, { 'a\0': 1 }, { a: ['\udfff'] }, deep, big]) {
      const { status, body } = await ask('POST', '/events', { ...good, metadata })
      t.equal(status, 400)
      t.match(body.error, /^metadata must be an object of at most 16384 bytes/)
    }
  })

  await t.test('a sales window must have an inside, also where one side is changed', async (t) => {
    const early = '2030-01-01T00:00:00Z'
    const late = '2030-01-02T00:00:00Z'
    const text = { error: 'sales_start_at must be before sales_end_at' }
    for (const sales_end_at of [early, '2029-01-01T00:00:00Z']) {
      const event = { name: 'x', total_seats: 1, sales_start_at: early, sales_end_at }
      const { status, body } = await ask('POST', '/events', event)
      t.equal(status, 400)
      t.strictSame(body, text)
    }
    const id = await createEvent({ sales_start_at: early, sales_end_at: late })
    const bad = await ask('PATCH', `/events/${id}`, { sales_end_at: early })
    t.equal(bad.status, 400)
    t.strictSame(bad.body, text)
    t.equal((await ask('PATCH', `/events/${id}`, { sales_start_at: late })).status, 400)
    const good = await ask('PATCH', `/events/${id}`, { sales_start_at: null, sales_end_at: early })
    t.match(good, { status: 200, body: { sales_start_at: null } })
  })

  await t.test('shows what is right at that instant: an expired hold is available', async (t) => {
    const id = await createEvent({ total_seats: 5, max_seats_per_booking: 3 })
    await reserve(id, 'ann', { seats: 2 })
    const hold = await reserve(id, 'bob', { seats: 3, hold: true })
    await reserve(id, 'cid', { waitlist: true })
    const shown = { total_seats: 5, booked_seats: 2, waitlist_length: 1 }
    const before = await ask('GET', `/events/${id}`)
    t.match(before.body, { ...shown, available_seats: 0, held_seats: 3 })
    await expire(hold.body.booking.id)
    const after = await ask('GET', `/events/${id}`)
    t.match(after.body, { ...shown, available_seats: 3, held_seats: 0 })
    t.not(after.headers['etag'], before.headers['etag'])
    const list = await ask('GET', '/events?limit=100')
    const events: { id: number }[] = list.body.events
    t.strictSame(
      events.find((event) => event.id === id),
      after.body,
    )
  })

  await t.test('304 for who has it already', async (t) => {
    const id = await createEvent()
    const { headers } = await ask('GET', `/events/${id}`)
    const tag = String(headers['etag'])
    for (const value of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const again = await ask('GET', `/events/${id}`, undefined, { 'if-none-match': value })
      t.match(again, { status: 304, body: null }, value)
      t.equal(again.headers['etag'], tag)
    }
    for (const value of ['"x"', 'x', tag.slice(1)]) {
      const other = await ask('GET', `/events/${id}`, undefined, { 'if-none-match': value })
      t.equal(other.status, 200, value)
    }
  })
})
