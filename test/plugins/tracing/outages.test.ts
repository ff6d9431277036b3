import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { PATIENT } from '../../helpers/app.ts'
import { createTestDatabase } from '../../helpers/database.ts'
import { freePort } from '../../helpers/free-port.ts'
import { startCollector, warningsOf } from '../../helpers/otlp.ts'
import { startService } from '../../helpers/service.ts'
import { until } from '../../helpers/until.ts'

t.test('a collector that is gone costs one line, and hardly delays the end', async (t) => {
  const { url } = await createTestDatabase(t)
  const service = await startService(t, url, {
    ...PATIENT,
    LOG_LEVEL: 'warn',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_BSP_SCHEDULE_DELAY: '20',
  })
  const ask = async (): Promise<void> => {
    t.equal((await fetch(`${service.baseUrl}/api/events`)).status, 200)
  }
  await ask()
  await until(async () => warningsOf(service).length > 0, 'a warning')
  for (let more = 0; more < 20; more += 1) await ask()
  const startedAt = performance.now()
  t.equal(await service.stop(), 0)
  t.ok(performance.now() - startedAt < 5000, 'in time')
  t.match(warningsOf(service), [{ msg: 'traces cannot be exported' }])
  t.equal(warningsOf(service).length, 1)
})

t.test('a collector that never answers hardly delays the end', async (t) => {
  const { url } = await createTestDatabase(t)
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const service = await startService(t, url, {
    ...PATIENT,
    LOG_LEVEL: 'warn',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  })
  t.equal((await fetch(`${service.baseUrl}/api/events`)).status, 200)
  const startedAt = performance.now()
  t.equal(await service.stop(), 0)
  const tookMs = performance.now() - startedAt
  t.ok(tookMs < 5000, `${tookMs} ms, where an export may take 10 seconds`)
  t.match(warningsOf(service), [{ msg: 'traces cannot be exported' }])
})

t.test('a collector that is back is told of', async (t) => {
  const { url } = await createTestDatabase(t)
  const collector = await startCollector(t)
  collector.answerWith(500)
  const service = await startService(t, url, {
    ...PATIENT,
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '20',
  })
  const isTold = async (text: string): Promise<void> => {
    await until(async () => {
      await (await fetch(`${service.baseUrl}/api/events`)).text()
      return service.printed.some((line) => line.includes(text))
    }, text)
  }
  await isTold('traces cannot be exported')
  collector.answerWith(200)
  await isTold('traces are exported again')
  t.equal(await service.stop(), 0)
  t.equal(warningsOf(service).length, 1)
})
