import t from 'tap'
import { formatApiKey } from '../../../src/domain/api-key.ts'
import { generateApiKey } from '../../../src/engine/new-api-key.ts'
import { createApi } from '../../helpers/api.ts'
import { createIssuer, createKey, createToken } from '../../helpers/issuer.ts'
import { recordLog } from '../../helpers/log.ts'
import { SERVER_KIND, startCollector } from '../../helpers/otlp.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const PARENT_ID = 'b7ad6b7169203331'
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`

t.test('a request is a span of the trace that it came with', async (t) => {
  const collector = await startCollector(t)
  const api = await createApi(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  const id = await api.createEvent()
  const read = await api.ask('GET', `/events/${id}?seen=ann`, undefined, {
    traceparent: TRACEPARENT,
  })
  t.equal(read.status, 400, 'there is no such query')
  await api.ask('GET', `/events/${id}`, undefined, { traceparent: TRACEPARENT })
  await api.app.close()

  const spans = collector.spans.filter((span) => span.name === 'GET /api/events/:id')
  const [refused, answered] = spans
  t.equal(spans.length, 2)
  for (const span of spans) {
    t.match(span, { traceId: TRACE_ID, parentSpanId: PARENT_ID, kind: SERVER_KIND })
    t.match(span.attributes, { 'http.route': '/api/events/:id', 'url.path': `/api/events/${id}` })
    t.equal(span.service, 'reservation-system-api')
  }
  t.equal(answered?.attributes['http.response.status_code'], 200)
  t.equal(refused?.attributes['http.response.status_code'], 400)
  t.not(refused?.status.code, 2, 'what the client did wrong is no error of ours')
  t.notMatch(collector.text(), /seen=|\bann\b/, 'no query gets out')
  t.strictSame(collector.strangers, [])
})

t.test('a credential in a path does not get out', async (t) => {
  const collector = await startCollector(t)
  const { app, ask } = await createApi(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  const { id, secret } = generateApiKey()
  const token = await createToken(await createKey('ES256', 'one'))
  t.equal((await ask('DELETE', `/keys/${formatApiKey({ id, secret })}`)).status, 404)
  t.equal((await ask('GET', `/tokens/${token}`)).status, 404)
  await app.close()

  const paths = collector.spans.map(({ attributes }) => attributes['url.path'])
  t.strictSame(paths, [`/api/keys/rsv_${id}_***`, '/api/tokens/***'])
  const parts = token.split('.')
  for (const hidden of [secret, ...parts]) t.notOk(collector.text().includes(hidden))
})

t.test('a request that came with no trace, or with one at fault, begins one', async (t) => {
  const collector = await startCollector(t)
  const { app, ask } = await createApi(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  const given = [undefined, 'nonsense', `00-${'0'.repeat(32)}-${PARENT_ID}-01`]
  for (const traceparent of given) {
    const headers = traceparent === undefined ? {} : { traceparent }
    t.equal((await ask('GET', '/events', undefined, headers)).status, 200)
  }
  await app.close()
  const spans = collector.named('GET /api/events')
  t.equal(new Set(spans.map(({ traceId }) => traceId)).size, given.length)
  for (const { parentSpanId } of spans) t.equal(parentSpanId, undefined)
})

t.test(
  'what a caller wants unrecorded is not recorded, and has its trace in the log',
  async (t) => {
    const collector = await startCollector(t)
    const { app, lines } = await recordLog(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
    const payload = { name: 'Concert', total_seats: 1 }
    const traceparent = `00-${TRACE_ID}-${PARENT_ID}-00`
    const url = '/api/events'
    await app.inject({ method: 'POST', url, payload, headers: { traceparent } })
    t.match(lines().at(-1), { msg: 'request completed', traceId: TRACE_ID })
    await app.close()
    t.strictSame(collector.spans, [], 'nor is its batch')
  },
)

t.test('the log has the id of the trace', async (t) => {
  const collector = await startCollector(t)
  const { app, lines } = await recordLog(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  const headers = { traceparent: TRACEPARENT }
  await app.inject({ url: '/api/events', headers })
  t.match(lines().at(-1), { msg: 'request completed', traceId: TRACE_ID })
  await app.inject({ url: '/api/events/7', headers })
  t.match(lines().at(-1), { msg: 'request refused', traceId: TRACE_ID })
  await app.inject({ url: '/livez', headers })
  t.notHas(lines().at(-1), 'traceId')
  await app.inject({ url: '/no/such/path', headers })
  t.notHas(lines().at(-1), 'traceId')
  await app.close()
  t.strictSame(
    collector.spans.map(({ name }) => name),
    ['GET /api/events', 'GET /api/events/:id'],
    'probes and what is no path of the API are not traced',
  )
})

t.test('where nothing is traced the log has no trace either', async (t) => {
  const { app, lines } = await recordLog(t)
  await app.inject({ url: '/api/events', headers: { traceparent: TRACEPARENT } })
  t.equal(app.tracing, null)
  t.notHas(lines().at(-1), 'traceId')
})

t.test('a failure of ours is an error without a text', async (t) => {
  const collector = await startCollector(t)
  const { app, proxy } = await recordLog(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  await proxy.refuse()
  const answer = await app.inject('/api/events/7')
  t.equal(answer.statusCode, 503)
  await app.close()
  const [span] = collector.named('GET /api/events/:id')
  t.equal(span?.attributes['http.response.status_code'], 503)
  t.strictSame(span?.status, { code: 2 })
})

t.test('a trace is handed on to the issuer of a token', async (t) => {
  const collector = await startCollector(t)
  const key = await createKey('ES256', 'first')
  const issuer = await createIssuer(t)
  const asked: unknown[] = []
  issuer.answerWith((request, response) => {
    asked.push(request.headers['traceparent'], request.headers['baggage'])
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [key.jwk] }))
  })
  const { tenantId: tenant, issuer: iss, audience, jwksUrl } = issuer.trusted
  const { app, ask } = await createApi(t, {
    AUTH: 'keys',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    TOKEN_ISSUERS: JSON.stringify([{ tenant, issuer: iss, audience, jwks_url: jwksUrl }]),
  })
  const { status } = await ask('GET', '/events', undefined, {
    authorization: `Bearer ${await createToken(key)}`,
    traceparent: TRACEPARENT,
    baggage: 'user=ann',
  })
  t.equal(status, 200)
  await app.close()
  const [span] = collector.named('GET')
  const [server] = collector.named('GET /api/events')
  t.match(span, { traceId: TRACE_ID, parentSpanId: server?.spanId, kind: 3 })
  t.strictSame(asked, [`00-${TRACE_ID}-${span?.spanId}-01`, undefined], 'once, and no baggage')
})
