import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { buildApp } from '../../../src/app.ts'
import { createTestApp, testConfig } from '../../helpers/app.ts'
import { createTestDatabase } from '../../helpers/database.ts'
import { parseMetrics, valueIn } from '../../helpers/metrics.ts'
import { openRaw } from '../../helpers/raw.ts'
import { startService } from '../../helpers/service.ts'

// The promise: metrics are where the operator has said, and nowhere else.
const OWN = { METRICS_PORT: '0', METRICS_HOST: '127.0.0.1' }
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

async function createMeasured(t: Test, environment: Record<string, string> = OWN) {
  const app = await createTestApp(t, { environment })
  const port = app.metrics?.port ?? null
  return { app, port, url: `http://127.0.0.1:${port}/metrics` }
}

t.test('a port of its own has the metrics, and the one of the API has not', async (t) => {
  const { app, url } = await createMeasured(t)
  const response = await fetch(url)
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), CONTENT_TYPE)
  t.equal(response.headers.get('cache-control'), 'no-store')
  t.ok(parseMetrics(await response.text()).length > 100)
  t.equal((await app.inject('/metrics')).statusCode, 404)
})

t.test('it has nothing else', async (t) => {
  const { url } = await createMeasured(t)
  const head = await fetch(url, { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(head.headers.get('content-type'), CONTENT_TYPE)
  t.ok(Number(head.headers.get('content-length')) > 1000)
  t.equal(await head.text(), '')
  for (const path of ['/', '/livez', '/metrics/x', '/api/events/1', '/documentation']) {
    t.equal((await fetch(new URL(path, url))).status, 404, path)
  }
  t.equal((await fetch(`${url}?x=1`)).status, 200)
  const post = await fetch(url, { method: 'POST', body: '{}' })
  t.equal(post.status, 405)
  t.equal(post.headers.get('allow'), 'GET, HEAD')
})

t.test('METRICS=public has them on the port of the API, in no document', async (t) => {
  const { app, port } = await createMeasured(t, { METRICS: 'public' })
  t.equal(port, null)
  const response = await app.inject('/metrics')
  t.equal(response.statusCode, 200)
  t.equal(response.headers['content-type'], CONTENT_TYPE)
  t.ok(parseMetrics(response.body).length > 100)
  t.equal((await app.inject({ method: 'HEAD', url: '/metrics' })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/metrics' })).statusCode, 405)
  t.notOk('/metrics' in (app.swagger().paths ?? {}))
})

t.test('both is possible', async (t) => {
  const { app, url } = await createMeasured(t, { ...OWN, METRICS: 'public' })
  t.equal((await fetch(url)).status, 200)
  t.equal((await app.inject('/metrics')).statusCode, 200)
})

t.test('a port that is taken ends the start, with one line that names the variable', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const { url } = await createTestDatabase(t)
  const app = await buildApp(testConfig(url, { ...OWN, METRICS_PORT: String(port) }))
  t.teardown(() => app.close())
  await t.rejects(
    async () => {
      await app.ready()
    },
    {
      message: `METRICS_PORT ${port} is in use: stop what listens there`,
    },
  )
})

t.test('the last requests of a service can still be seen while it stops', async (t) => {
  const { app, url } = await createMeasured(t)
  let seen: number | undefined
  const { reservations } = app
  const close = reservations.close.bind(reservations)
  reservations.close = async () => {
    seen = (await fetch(url)).status
    await close()
  }
  await app.close()
  t.equal(seen, 200)
  await t.rejects(fetch(url))
})

t.test('a client that reads nothing does not hold up the end', async (t) => {
  const { app, port } = await createMeasured(t)
  const client = await openRaw(t, Number(port), { reads: false })
  client.send('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500))
  const idle = await openRaw(t, Number(port))
  idle.send('GET /metr')
  const startedAt = performance.now()
  await app.close()
  t.ok(performance.now() - startedAt < 5000)
})

t.test('the server tells the port, and ends in order', async (t) => {
  const { url } = await createTestDatabase(t)
  const service = await startService(t, url, OWN)
  await fetch(`${service.baseUrl}/livez`)
  const line = service.printed.find((printed) => printed.startsWith('Metrics at '))
  const response = await fetch(String(line?.slice('Metrics at '.length)))
  const samples = parseMetrics(await response.text())
  const livez = { route: '/livez', method: 'GET', status: '200' }
  t.equal(valueIn(samples, 'http_server_request_duration_seconds_count', livez), 1)
  t.equal(await service.stop(), 0)
})
