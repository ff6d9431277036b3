import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestApp } from '../helpers/app.ts'
import { exchange, listen, rawRequest } from '../helpers/raw.ts'

const SHOP = 'https://shop.example'
const CORS = { CORS_ORIGINS: `${SHOP}, http://localhost:3000` }
const ASKS = { origin: SHOP, 'access-control-request-method': 'POST' }
const POLICY = "default-src 'none';frame-ancestors 'none'"

interface OpenApi {
  readonly paths: Record<string, Record<string, { readonly responses: Responses }>>
  readonly components: { readonly responses?: Responses }
}
type Responses = Record<string, { readonly headers?: object }>

/** The names of all headers of answers that the document tells of. */
function headersIn({ paths, components }: OpenApi): Set<string> {
  const operations = Object.values(paths).flatMap((item) => Object.values(item))
  const all = [...operations.map(({ responses }) => responses), components.responses ?? {}]
  const answers = all.flatMap((responses) => Object.values(responses))
  return new Set(answers.flatMap(({ headers = {} }) => Object.keys(headers)))
}

t.test('CORS_ORIGINS', async (t) => {
  const app = await createTestApp(t, { environment: CORS })

  await t.test('a browser that asks first is told what a script may send', async (t) => {
    for (const url of ['/api/bookings/reserve', '/api/events/1', '/api/nowhere', '/api/events/x']) {
      const { statusCode, headers, body } = await app.inject({
        method: 'OPTIONS',
        url,
        headers: ASKS,
      })
      t.strictSame([statusCode, body], [204, ''], url)
      t.equal(headers['access-control-allow-origin'], SHOP)
      t.equal(headers['access-control-allow-methods'], 'GET, HEAD, POST, PUT, PATCH, DELETE')
      for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match']) {
        t.ok(String(headers['access-control-allow-headers']).split(', ').includes(name), name)
      }
      t.equal(headers['access-control-max-age'], '7200')
      t.equal(headers['access-control-allow-credentials'], undefined)
      t.equal(headers.vary, 'Origin')
      t.ok(headers['x-request-id'])
    }
  })

  await t.test('another origin is told nothing that would let it in', async (t) => {
    for (const origin of [
      'https://evil.example',
      `${SHOP}.evil.example`,
      'null',
      'http://shop.example',
    ]) {
      for (const method of ['OPTIONS', 'GET'] as const) {
        const answer = await app.inject({
          method,
          url: '/api/events',
          headers: { ...ASKS, origin },
        })
        t.equal(answer.headers['access-control-allow-origin'], undefined, `${method} ${origin}`)
        t.match(answer.headers.vary, /^Origin/, 'a cache must not take it for everybody')
      }
    }
  })

  await t.test('a script may read what the API says in headers', async (t) => {
    const { headers } = await app.inject({ url: '/api/events', headers: { origin: SHOP } })
    t.equal(headers['access-control-allow-origin'], SHOP)
    const exposed = String(headers['access-control-expose-headers']).split(', ')
    for (const name of ['RateLimit-Remaining', 'X-Request-Id', 'Accept-Patch']) {
      t.ok(exposed.includes(name), name)
    }
    const document = await app.inject('/documentation/json')
    const documented = headersIn(document.json())
    for (const name of ['ETag', 'Location', 'Retry-After', 'X-Seating', 'Content-Disposition']) {
      t.ok(documented.has(name), `the document has ${name}`)
    }
    t.strictSame(
      [...documented].filter((name) => !exposed.includes(name)),
      [],
    )
  })

  await t.test('failures are readable too, and vary by all that they depend on', async (t) => {
    const cases = [
      ['GET', '/nowhere', 404],
      ['GET', '/api/events/1', 404],
      ['PUT', '/api/events', 405],
      ['POST', '/api/events', 400],
    ] as const
    for (const [method, url, status] of cases) {
      const answer = await app.inject({ method, url, headers: { origin: SHOP } })
      t.equal(answer.statusCode, status, url)
      t.equal(answer.headers['access-control-allow-origin'], SHOP)
      t.equal(answer.headers.vary, 'Origin, accept')
    }
    const page = await app.inject('/documentation/json')
    t.equal(page.headers.vary, 'Origin, accept-encoding')
  })

  await t.test('OPTIONS that no browser asks with is 405 or 404 as before', async (t) => {
    const known = await app.inject({ method: 'OPTIONS', url: '/api/events' })
    t.equal(known.statusCode, 405)
    t.strictSame(known.json(), { error: 'Method not allowed' })
    t.equal(known.headers.allow, 'GET, HEAD, POST')
    t.equal((await app.inject({ method: 'OPTIONS', url: '/nowhere' })).statusCode, 404)
    t.equal((await app.inject('/nowhere')).statusCode, 404)
    const sent = await app.inject({
      method: 'OPTIONS',
      url: '/api/events',
      headers: { origin: SHOP },
    })
    t.equal(sent.statusCode, 405)
  })

  await t.test('the document knows nothing of it', async (t) => {
    const { paths } = (await app.inject('/documentation/json')).json<{ paths: object }>()
    t.notOk(Object.keys(paths).includes('/*'))
    t.notOk(Object.values(paths).some((path: object) => 'options' in path))
  })
})

t.test('a head at fault is refused, whoever asks', async (t) => {
  const app = await createTestApp(t, { environment: CORS })
  const port = await listen(app)
  const headers = ['Host: other', `Origin: ${SHOP}`, 'Access-Control-Request-Method: POST']
  const [answer, ...more] = await exchange(
    t,
    port,
    rawRequest('OPTIONS', '/api/events', { headers }),
  )
  t.equal(answer?.status, 400)
  t.match(answer?.head, /^connection: close$/im)
  t.strictSame(more, [])
})

t.test('CORS_ORIGINS=any lets every origin in, alike for every cache', async (t) => {
  const app = await createTestApp(t, { environment: { CORS_ORIGINS: 'any' } })
  const { headers } = await app.inject({ url: '/api/events/1', headers: { origin: SHOP } })
  t.equal(headers['access-control-allow-origin'], '*')
  t.equal(headers.vary, 'accept')
  const asked = await app.inject({ method: 'OPTIONS', url: '/api/events', headers: ASKS })
  t.equal(asked.statusCode, 204)
})

t.test('without it no other origin is let in', async (t) => {
  const app = await createTestApp(t)
  const { headers } = await app.inject({ url: '/api/events', headers: { origin: SHOP } })
  t.equal(headers['access-control-allow-origin'], undefined)
  const asked = await app.inject({ method: 'OPTIONS', url: '/api/events', headers: ASKS })
  t.equal(asked.statusCode, 405)
})

t.test('every answer tells browsers that it runs nothing and is shown in no frame', async (t) => {
  const app = await createTestApp(t)
  const asked = [
    { url: '/' },
    { url: '/livez' },
    { url: '/api/events' },
    { url: '/api/events/1' },
    { url: '/nowhere' },
    { method: 'PUT', url: '/api/events' },
    // Raised by the router, before any hook.
    { url: '/%zz' },
    { method: 'POST', url: '/api/events', payload: '{', headers: { 'content-type': 'text/plain' } },
    { url: '/documentation/json' },
  ] as const
  for (const request of asked) {
    const { headers } = await app.inject(request)
    t.match(
      headers,
      {
        'content-security-policy': request.url.startsWith('/documentation') ? String : POLICY,
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      },
      request.url,
    )
    t.equal(headers['strict-transport-security'], undefined)
  }
  const page = await app.inject('/documentation/')
  t.match(page.headers['content-security-policy'], /^default-src 'none'; script-src 'self'/)
  t.match(page.headers['content-security-policy'], /frame-ancestors 'none'/)
})

t.test('compression', async (t) => {
  const { app, createEvent, reserve } = await createApi(t)
  const eventId = await createEvent({ total_seats: 100 })
  for (let i = 0; i < 30; i += 1) await reserve(eventId, `user ${i}`)
  await createEvent({ name: 'x'.repeat(200) })
  const decoders = { br: brotliDecompressSync, gzip: gunzipSync }

  await t.test('pages of lists and of the history are sent as the client likes it', async (t) => {
    for (const url of ['/api/bookings', `/api/events/${eventId}/history`]) {
      const plain = await app.inject(url)
      t.equal(plain.headers['content-encoding'], undefined)
      t.equal(plain.headers.vary, 'accept, accept-encoding')
      for (const coding of ['br', 'gzip'] as const) {
        const headers = { 'accept-encoding': coding }
        const { headers: sent, rawPayload } = await app.inject({ url, headers })
        t.equal(sent['content-encoding'], coding)
        t.equal(sent['content-type'], plain.headers['content-type'])
        t.equal(sent['content-length'], String(rawPayload.length))
        t.ok(rawPayload.length < plain.rawPayload.length / 3)
        t.equal(decoders[coding](rawPayload).toString(), plain.body)
        const head = await app.inject({ method: 'HEAD', url, headers })
        t.equal(head.headers['content-length'], sent['content-length'])
        t.equal(head.body, '')
      }
    }
  })

  await t.test('those who share a page each have it as they like it', async (t) => {
    const codings = ['br', 'gzip', 'identity', 'br', 'gzip', 'identity']
    const answers = await Promise.all(
      codings.map((coding) => {
        return app.inject({ url: '/api/bookings', headers: { 'accept-encoding': coding } })
      }),
    )
    const sent = answers.map(({ headers }) => headers['content-encoding'] ?? 'identity')
    t.strictSame(sent, codings)
  })

  await t.test('nothing else is compressed', async (t) => {
    const headers = { 'accept-encoding': 'br, gzip' }
    const short = await app.inject({ url: '/api/bookings?limit=1', headers })
    t.equal(short.statusCode, 200)
    t.equal(short.headers['content-encoding'], undefined, 'a short page')
    const patch = {
      method: 'PATCH',
      headers,
      payload: { metadata: { text: 'x'.repeat(4000) } },
    } as const
    const changed = await app.inject({ ...patch, url: `/api/events/${eventId}` })
    t.equal(changed.statusCode, 200)
    t.equal(changed.headers['content-encoding'], undefined, 'the answer of a command')
    const event = await app.inject({ url: `/api/events/${eventId}`, headers })
    t.ok(event.body.length > 4000)
    t.equal(event.headers['content-encoding'], undefined, 'what has a strong tag')
    t.equal(event.headers['cache-control'], 'no-transform')
    t.equal(event.headers.etag, changed.headers.etag)
  })
})
