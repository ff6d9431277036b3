import { createServer, request as send, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import t, { type Test } from 'tap'
import { createApi } from '../helpers/api.ts'
import { recordLog } from '../helpers/log.ts'

const WEAK =
  'If-Match has a weak tag (W/…), which never fits; a proxy that compresses may have weakened it'
const CHANGED = 'The event has changed; If-Match does not fit'
const EVENT = { name: 'Concert', total_seats: 1 }

/** `X-Forwarded-Prefix` as sent, and what becomes of it where the proxy is believed. */
const PREFIXES: readonly (readonly [prefix: string, honoured: string])[] = [
  ['/shop', '/shop'],
  ['/a/b-c.d_e~f', '/a/b-c.d_e~f'],
  ['/', ''],
  ['/shop/', ''],
  ['shop', ''],
  ['//evil.example', ''],
  ['/shop, /other', ''],
  ['/a/../b', ''],
  ['/..', ''],
  ['/.', ''],
  ['/./a', ''],
  ['/.a/..b/...', '/.a/..b/...'],
  ['/a?b', ''],
  ['/a\\b', ''],
  [`/${'x'.repeat(255)}`, `/${'x'.repeat(255)}`],
  [`/${'x'.repeat(256)}`, ''],
]

t.test('BASE_PATH stands before every Location, on replays too', async (t) => {
  const { app, ask, createEvent, reserve } = await createApi(t, {
    BASE_PATH: '/shop/seats',
  })
  const key = { 'idempotency-key': 'k' }
  for (const again of [1, 2]) {
    const { headers, body } = await ask('POST', '/events', EVENT, key)
    t.equal(headers['location'], `/shop/seats/api/events/${body.id}`, `time ${again}`)
  }
  const eventId = await createEvent({ total_seats: 1 })
  const booked = await reserve(eventId, 'ann')
  t.equal(booked.headers['location'], `/shop/seats/api/bookings/${booked.body.booking.id}`)
  const queued = await reserve(eventId, 'bob', { waitlist: true })
  t.equal(queued.headers['location'], `/shop/seats/api/waitlist/${queued.body.waitlist_entry.id}`)

  // A proxy may leave the base path where it is, or take it off.
  for (const location of [booked.headers['location'], `/api/bookings/${booked.body.booking.id}`]) {
    const read = await app.inject(String(location))
    t.same([read.statusCode, read.json()], [200, booked.body.booking])
  }
  for (const [url, status] of [
    ['/shop/seats', 200],
    ['/shop/seats?x', 200],
    ['/shop/seats/livez', 200],
    ['/shop/seatsapi/events', 404],
    ['/shop/api/events', 404],
    ['/shop/seats/shop/seats/api/events', 404],
  ] as const) {
    t.equal((await app.inject(url)).statusCode, status, url)
  }
})

t.test('a base path that looks like a path of ours is taken off once', async (t) => {
  const { app } = await createApi(t, { BASE_PATH: '/api' })
  for (const url of ['/api/events', '/api/api/events', '/api']) {
    t.equal((await app.inject(url)).statusCode, 200, url)
  }
  const made = await app.inject({ method: 'POST', url: '/api/events', payload: EVENT })
  t.equal(made.headers.location, '/api/api/events/1')
})

t.test('X-Forwarded-Prefix is honoured of a proxy that is believed, if it is sane', async (t) => {
  const trusted = await createApi(t, { TRUST_PROXY: '127.0.0.0/8' })
  const others = await Promise.all(
    ['off', '10.0.0.1'].map((TRUST_PROXY) => createApi(t, { TRUST_PROXY })),
  )
  for (const [prefix, honoured] of PREFIXES) {
    const headers = { 'x-forwarded-prefix': prefix }
    const { headers: answer } = await trusted.ask('POST', '/events', EVENT, headers)
    t.match(answer['location'], new RegExp(`^${honoured}/api/events/\\d+$`), prefix)
    for (const { ask } of others) {
      const { headers: bare } = await ask('POST', '/events', EVENT, headers)
      t.match(bare['location'], /^\/api\/events\/\d+$/, prefix)
    }
  }
})

t.test("the log has the client's address, as far as proxies are believed", async (t) => {
  const clients: Record<string, readonly (readonly [forwarded: string, client: string])[]> = {
    off: [['203.0.113.7', '127.0.0.1']],
    '10.0.0.1': [['203.0.113.7', '127.0.0.1']],
    '127.0.0.1, 10.0.0.0/8': [
      ['203.0.113.7', '203.0.113.7'],
      ['198.51.100.1, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
      ['2001:db8::1', '2001:db8::1'],
      ['198.51.100.1, 203.0.113.7:49152, 10.1.2.3:443', '203.0.113.7'],
      ['"><script>', '127.0.0.1'],
      [',,,', '127.0.0.1'],
      ['x'.repeat(8000), '127.0.0.1'],
    ],
    // Hops are counted from the service: the peer, and the one before it.
    2: [['198.51.100.1, 203.0.113.7, 10.1.2.3', '203.0.113.7']],
    on: [['198.51.100.1, 203.0.113.7', '198.51.100.1']],
  }
  for (const [TRUST_PROXY, cases] of Object.entries(clients)) {
    const { app, lines } = await recordLog(t, { TRUST_PROXY })
    for (const [forwarded, client] of cases) {
      const { statusCode } = await app.inject({
        url: '/',
        headers: { 'x-forwarded-for': forwarded },
      })
      t.equal(statusCode, 200)
      t.equal(lines().at(-1)?.['client'], client, `${TRUST_PROXY}: ${forwarded.slice(0, 60)}`)
    }
  }
})

t.test('a proxy that compresses leaves the tag strong', async (t) => {
  const { app, createEvent, ask } = await createApi(t)
  const eventId = await createEvent()
  const port = await startCompressingProxy(t, await app.listen({ port: 0 }))

  const { headers } = await get(port, `/api/events/${eventId}`)
  t.match(headers.etag, /^"/)
  t.notOk(headers['content-encoding'])
  // What has no tag may be compressed: the proxy does compress.
  t.equal((await get(port, `/api/events`)).headers['content-encoding'], 'gzip')
  const tagged = { 'if-match': String(headers.etag) }
  t.match(await ask('PATCH', `/events/${eventId}`, { name: 'x' }, tagged), { status: 200 })
})

t.test('every answer with the tag of an event forbids to transform it', async (t) => {
  const { ask } = await createApi(t)
  const made = await ask('POST', '/events', EVENT)
  const tag = String(made.headers['etag'])
  const answers = [
    made,
    await ask('GET', '/events/1'),
    await ask('GET', '/events/1', undefined, { 'if-none-match': tag }),
    await ask('PATCH', '/events/1', { name: 'x' }),
  ]
  t.same(
    answers.map(({ status }) => status),
    [201, 200, 304, 200],
  )
  for (const { headers } of answers) {
    t.ok(headers['etag'])
    t.match(headers['cache-control'], /\bno-transform\b/)
  }
})

t.test('412 says it where nothing but weak tags was sent', async (t) => {
  const { ask, createEvent } = await createApi(t)
  const eventId = await createEvent()
  const { headers } = await ask('GET', `/events/${eventId}`)
  const tag = String(headers['etag'])
  for (const [ifMatch, error] of [
    [`W/${tag}`, WEAK],
    [`W/"a", W/${tag}`, WEAK],
    [`W/${tag}, "other"`, CHANGED],
    ['"other"', CHANGED],
    ['nonsense', CHANGED],
  ] as const) {
    for (const method of ['PATCH', 'DELETE'] as const) {
      const payload = method === 'PATCH' ? { name: 'x' } : undefined
      const refused = await ask(method, `/events/${eventId}`, payload, { 'if-match': ifMatch })
      t.match(refused, { status: 412, body: { error } }, ifMatch)
    }
  }
})

/** As nginx with `gzip on`: what may be transformed is compressed, and its tag made a weak one. */
async function startCompressingProxy(t: Test, target: string): Promise<number> {
  const proxy = createServer(({ url, method, headers }, response) => {
    const options = { method, headers }
    const passOn = (answer: IncomingMessage) => {
      const { etag, ...rest } = answer.headers
      delete rest['content-length']
      const mayCompress = !/\bno-transform\b/.test(rest['cache-control'] ?? '')
      const tag = etag === undefined ? {} : { etag: mayCompress ? `W/${etag}` : etag }
      const coding = mayCompress ? { 'content-encoding': 'gzip' } : {}
      response.writeHead(answer.statusCode ?? 502, { ...rest, ...tag, ...coding })
      if (mayCompress) answer.pipe(createGzip()).pipe(response)
      else answer.pipe(response)
    }
    send(`${target}${url}`, options, passOn).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => proxy.close(resolve)))
  // A server that listens on a port has such an address.
  return (proxy.address() as AddressInfo).port
}

async function get(port: number, path: string): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ port, host: '127.0.0.1', path, agent: false }, resolve).on('error', reject).end()
  })
  await text(answer)
  return answer
}
