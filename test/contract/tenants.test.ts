import t from 'tap'
import { referenceOf } from '../../src/domain/reference.ts'
import { createTenants, MISSING, type Ids, type Method } from '../helpers/tenants.ts'

// The promise: what is another tenant's is answered as what does not exist is, to the byte; and lists
// have the caller's own alone, also those that many ask for at once.

type Asked = readonly [Method, (ids: Ids) => string, ((ids: Ids) => object)?]

/** Requests that name a thing, and those of lists of what belongs to one. */
const REQUESTS: readonly Asked[] = [
  ['GET', ({ event }) => `/events/${event}`],
  ['PATCH', ({ event }) => `/events/${event}`, () => ({ name: 'Ours' })],
  ['DELETE', ({ event }) => `/events/${event}?force=true`],
  ['GET', ({ event }) => `/events/${event}/history`],
  ['GET', ({ event }) => `/events/${event}/history?after=1&limit=1`],
  ['GET', ({ event }) => `/events/${event}/waitlist`],
  ['GET', ({ event }) => `/events/${event}/waitlist?user_id=dan`],
  ['GET', ({ event }) => `/bookings?event_id=${event}`],
  ['GET', ({ event }) => `/bookings?event_id=${event}&user_id=ann`],
  ['GET', ({ booking }) => `/bookings?reference=${referenceOf(booking)}`],
  ['POST', () => '/bookings/reserve', ({ event }) => ({ event_id: event, user_id: 'ann' })],
  [
    'POST',
    () => '/bookings/reserve',
    ({ event }) => ({ event_id: event, user_id: 'dan', waitlist: true }),
  ],
  ['GET', ({ booking }) => `/bookings/${booking}`],
  ['POST', ({ booking }) => `/bookings/${booking}/confirm`],
  ['POST', ({ booking }) => `/bookings/${booking}/extend`],
  ['PATCH', ({ booking }) => `/bookings/${booking}`, () => ({ seats: 2 })],
  ['DELETE', ({ booking }) => `/bookings/${booking}`],
  ['GET', ({ event }) => `/bookings?event_id=${event}&status=expired`],
  ['GET', ({ expired }) => `/bookings?reference=${referenceOf(expired)}&status=expired`],
  ['GET', ({ expired }) => `/bookings/${expired}`],
  ['POST', ({ expired }) => `/bookings/${expired}/confirm`],
  ['POST', ({ expired }) => `/bookings/${expired}/extend`],
  [
    'PUT',
    ({ event }) => `/events/${event}/seating`,
    () => ({ sections: [{ key: 'B', rows: [{ key: '1', seats: ['1'] }] }] }),
  ],
  ['GET', ({ event }) => `/events/${event}/seating`],
  ['GET', ({ event }) => `/events/${event}/seats`],
  ['POST', ({ event }) => `/events/${event}/seats/block`, () => ({ labels: ['A-1-1'] })],
  ['POST', ({ event }) => `/events/${event}/seats/unblock`, () => ({ labels: ['A-1-1'] })],
  ['GET', ({ entry }) => `/waitlist/${entry}`],
  ['DELETE', ({ entry }) => `/waitlist/${entry}`],
]

/** Headers that are each answer's own. */
const OF_EACH = new Set(['date', 'x-request-id'])

t.test("what is another's is answered as what does not exist", async (t) => {
  const { ask, fill, database } = await createTenants(t)
  const ids = await fill('acme')
  const rowsOfAll = async () => {
    const tables = [
      ...['events', 'bookings', 'waitlist_entries', 'event_history', 'expired_holds'],
      ...['event_seatings', 'blocked_seats', 'taken_seats'],
    ]
    const found = tables.map((table) =>
      database.pool.query<Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY 1, 2`),
    )
    return (await Promise.all(found)).map(({ rows }) => rows)
  }
  const before = await rowsOfAll()
  for (const key of [undefined, 'the-same-key'])
    for (const [method, urlOf, bodyOf] of REQUESTS) {
      const answers = []
      for (const of of [ids, MISSING]) {
        const ofWrite = method === 'GET' ? undefined : key
        const answer = await ask('zenith', method, urlOf(of), bodyOf?.(of), ofWrite)
        const headers = Object.entries(answer.headers).filter(([name]) => !OF_EACH.has(name))
        answers.push({ ...answer, headers })
      }
      const [others, missing] = answers
      t.same(others, missing, `${method} ${urlOf(ids)}: ${others?.status}, as if not there`)
      const status = urlOf(ids).startsWith('/bookings?') ? 200 : 404
      t.equal(others?.status, status)
    }
  t.same(await rowsOfAll(), before, 'and nothing has changed')

  // The control: for its own tenant all of it is there.
  for (const [method, urlOf, bodyOf] of REQUESTS.filter(([method]) => method !== 'DELETE')) {
    const { status } = await ask('acme', method, urlOf(ids), bodyOf?.(ids))
    t.not(status, 404, `${method} ${urlOf(ids)}: ${status} for its owner`)
  }
})

t.test("the map of another's seats is not there either", async (t) => {
  const { app, fill, keyOf } = await createTenants(t)
  const { event } = await fill('acme')
  for (const [as, status] of [
    ['acme', 200],
    ['zenith', 404],
  ] as const) {
    const { headers } = await keyOf(as)
    const url = `/api/events/${event}/seats.bin`
    t.equal((await app.inject({ url, headers })).statusCode, status, as)
  }
})

t.test("refusals that are answered without a lock tell nothing of another's either", async (t) => {
  const { ask, fill } = await createTenants(t)
  const { event: event_id } = await fill('acme')
  const reserve = { event_id, user_id: 'eve' }
  for (const as of ['acme', 'zenith', 'acme', 'zenith']) {
    const answer = await ask(as, 'POST', '/bookings/reserve', reserve)
    const [status, error] = as === 'acme' ? [409, 'No seats available'] : [404, 'Event not found']
    t.match(answer, { status, body: { error } })
  }
})

t.test("lists have what is the caller's own, also where all ask at once", async (t) => {
  const { fill, list } = await createTenants(t)
  const tenants = ['acme', 'mid', 'zenith']
  const own = new Map<string, Ids>()
  for (const as of tenants) own.set(as, await fill(as))
  const lists = [
    ...['/events', '/events?name=concert', '/events?sort=name&order=desc'].map((url) => [
      url,
      'id',
    ]),
    ...['/bookings', '/bookings?user_id=ann', '/bookings?status=confirmed'].map((url) => [
      url,
      'event_id',
    ]),
  ] as const
  const asked = Array.from({ length: 5 }, () =>
    tenants.flatMap((as) => lists.map(([url = '', member = '']) => ({ as, url, member }))),
  ).flat()
  const found = await Promise.all(asked.map(({ as, url, member }) => list(as, url, member)))
  for (const [i, { as, url }] of asked.entries()) {
    t.same([...new Set(found[i])], [own.get(as)?.event], `${as}: ${url}`)
  }
})

t.test('single things likewise', async (t) => {
  const { ask, fill } = await createTenants(t)
  const { event, booking, entry } = await fill('acme')
  const urls = [`/events/${event}`, `/bookings/${booking}`, `/waitlist/${entry}`]
  const asked = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'acme' : 'zenith')).flatMap(
    (as) => urls.map((url) => [as, url] as const),
  )
  const answers = await Promise.all(asked.map(([as, url]) => ask(as, 'GET', url)))
  for (const [i, [as, url]] of asked.entries()) {
    t.equal(answers[i]?.status, as === 'acme' ? 200 : 404, `${as}: ${url}`)
  }
})

t.test("a cursor of another tenant's list gives the caller's own", async (t) => {
  const { ask, fill, list } = await createTenants(t)
  for (const as of ['acme', 'zenith', 'acme', 'zenith', 'acme', 'zenith']) await fill(as)
  for (const url of ['/events?', '/events?sort=name&', '/bookings?']) {
    const { body } = await ask('acme', 'GET', `${url}limit=1`)
    const own = await list('zenith', url, 'id')
    const rest = await list('zenith', `${url}cursor=${String(body.next_cursor)}`, 'id')
    t.ok(rest.length > 0, `${rest.length} behind ${String(body.next_cursor)}`)
    t.same(rest, own.slice(-rest.length), url)
  }
})

t.test('a key is one request within a tenant', async (t) => {
  const { ask } = await createTenants(t)
  const make = (as: string) =>
    ask(as, 'POST', '/events', { name: 'Concert', total_seats: 1 }, 'same-key')
  const [first, other, again] = [await make('acme'), await make('zenith'), await make('acme')]
  t.equal(other.headers['idempotency-replayed'], undefined)
  t.not(other.body.id, first.body.id)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(again.body.id, first.body.id)
})
