import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import t from 'tap'
import { PATIENT } from '../../helpers/app.ts'
import { createTestDatabase } from '../../helpers/database.ts'
import { startCollector, warningsOf } from '../../helpers/otlp.ts'
import { projectDir } from '../../helpers/run-state.ts'
import { startService, type Service } from '../../helpers/service.ts'

const OBSERVED = {
  ...PATIENT,
  NODE_OPTIONS: `--import=${pathToFileURL(join(projectDir, 'test/helpers/loaded-modules.mjs')).href}`,
}
const SDK = /@fastify\/otel|@opentelemetry\/(?!api( |$))/

const loadedBy = ({ printed }: Service): string =>
  printed.find((line) => line.startsWith('loaded: ')) ?? ''

t.test('without an endpoint nothing of the SDK is loaded', async (t) => {
  const { url } = await createTestDatabase(t)
  const service = await startService(t, url, OBSERVED)
  t.equal((await fetch(`${service.baseUrl}/api/events`)).status, 200)
  t.equal(await service.stop(), 0)
  t.match(loadedBy(service), '@opentelemetry/api', 'the API is')
  t.notMatch(loadedBy(service), SDK)
})

t.test('with one it is, and the last spans are sent as the process ends', async (t) => {
  const { url } = await createTestDatabase(t)
  const collector = await startCollector(t)
  const service = await startService(t, url, {
    ...OBSERVED,
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.endpoint}/`,
    OTEL_SERVICE_NAME: 'reservations-of-acme',
  })
  t.equal((await fetch(`${service.baseUrl}/api/events`)).status, 200)
  t.equal(await service.stop(), 0)
  t.match(loadedBy(service), SDK)
  t.equal(collector.named('GET /api/events').length, 1)
  t.equal(collector.spans[0]?.service, 'reservations-of-acme')
})

t.test('the sampler is the one that the standard variable names', async (t) => {
  const { url } = await createTestDatabase(t)
  const collector = await startCollector(t)
  const service = await startService(t, url, {
    ...PATIENT,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
  })
  const create = (headers: Record<string, string> = {}) =>
    fetch(`${service.baseUrl}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: 'Concert', total_seats: 1 }),
    })
  t.equal((await create()).status, 201)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  t.equal((await create({ traceparent })).status, 201)
  t.equal(await service.stop(), 0)
  t.equal(collector.named('POST /api/events').length, 1, "the caller's choice counts")
  t.equal(collector.named('batch').length, 1, 'and its batch is recorded, whatever the ratio')
})

t.test('what the SDK cannot read of its variables is in the log', async (t) => {
  const { url } = await createTestDatabase(t)
  const collector = await startCollector(t)
  const service = await startService(t, url, {
    ...PATIENT,
    LOG_LEVEL: 'warn',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER: 'sometimes',
  })
  t.equal(await service.stop(), 0)
  t.match(warningsOf(service), [{ msg: /OTEL_TRACES_SAMPLER value "sometimes" invalid/ }])
})
