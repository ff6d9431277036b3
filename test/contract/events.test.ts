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

t.test('events', async (t) => {
  const { ask, createEvent, reserve, expire, readAll, database } = await createApi(t)

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
      waitlist_length: 0,
      starts_at: null,
      sales_start_at: null,
      sales_end_at: null,
      max_seats_per_booking: 1,
      hold_seconds: 600,
      waitlist_promotes_to: 'confirmed',
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

  await t.test('lists: filters, every order, no gap and no repeat', async (t) => {
    await database.pool.query('DELETE FROM events')
    const starts = ['2031-01-01T00:00:00Z', null, '2020-01-01T00:00:00Z', '2031-01-01T00:00:00Z']
    for (let i = 0; i < 23; i += 1) {
      const name = `Show ${i % 5} ${i % 2 ? 'ÄÖ' : 'äö_%'}`
      await createEvent({ name, starts_at: starts[i % 4], total_seats: i })
    }
    // Microseconds, which JavaScript's dates do not have.
    await database.pool.query(
      `UPDATE events SET starts_at = starts_at + id * interval '1 microsecond'`,
    )
    for (const sort of ['id', 'name', 'starts_at']) {
      for (const order of ['asc', 'desc']) {
        const whole = await readAll(`/events?sort=${sort}&order=${order}`, 'events', 100)
        t.equal(whole.length, 23)
        const paged = await readAll(`/events?sort=${sort}&order=${order}`, 'events', 4)
        t.strictSame(
          paged.map(({ id }) => id),
          whole.map(({ id }) => id),
        )
        t.equal(new Set(paged.map(({ id }) => id)).size, 23)
        if (sort === 'starts_at') t.equal(whole.at(-1)?.['starts_at'], null)
      }
    }
    t.equal((await readAll('/events?name=SHOW%203', 'events', 2)).length, 4)
    t.equal((await readAll('/events?name=_%25', 'events', 5)).length, 12)
    t.equal((await readAll('/events?upcoming=true', 'events', 5)).length, 11)
    t.equal((await readAll('/events?upcoming=false', 'events', 5)).length, 23)
    const { body } = await ask('GET', '/events')
    t.equal(body.next_cursor, null)
  })

  await t.test('lists: what is wrong in a query is 400', async (t) => {
    const cases = [
      ['limit=0', 'limit must be an integer between 1 and 100'],
      ['limit=101', 'limit must be an integer between 1 and 100'],
      ['limit=x', 'limit must be an integer between 1 and 100'],
      ['sort=seats', 'sort must be one of id, starts_at, name'],
      ['order=up', 'order must be one of asc, desc'],
      ['name=%00', `name must be ${NAME_RULE}`],
      ['upcoming=maybe', 'upcoming must be true or false'],
    ]
    for (const [query = '', error = ''] of cases) {
      t.match(await ask('GET', `/events?${query}`), { status: 400, body: { error } }, query)
    }
    const make = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const other = make(['bookings', 1])
    const strange = [make(['events/id/asc', -1]), make(['events/id/asc', '1']), make(1)]
    for (const cursor of ['x', '%22', other, ...strange, make(['events/id/asc', 1, 2])]) {
      const { status, body } = await ask('GET', `/events?cursor=${cursor}`)
      t.equal(status, 400, cursor)
      t.strictSame(body, { error: 'cursor must be a next_cursor of this list' })
    }
    const time = make(['events/starts_at/asc', 'never', 1])
    t.equal((await ask('GET', `/events?sort=starts_at&cursor=${time}`)).status, 400)
  })
})
