import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { PATIENT, testConfig } from '../helpers/app.ts'
import { findRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

// The promise: whatever becomes of Redis, requests are served. Here, as on a busy machine Redis misses
// the half of a second in which it has to answer.

const { skip, start } = await findRedis()
const limited = (url: string) => ({ ...PATIENT, RATE_LIMIT_PER_MINUTE: '1000000', REDIS_URL: url })

// What follows needs no database: a wrong limit of a list is refused after that of requests.
async function startLogged(t: Test, environment: Record<string, string>) {
  const written: string[] = []
  const stream = { write: (line: string) => written.push(line) }
  const config = testConfig('postgresql://nobody@127.0.0.1:1/none', environment)
  const app = await buildApp(config, { logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  await app.ready()
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>)
  return {
    app,
    isServed: async () => (await app.inject('/api/events?limit=0')).statusCode === 400,
    text: () => written.join(''),
    warnings: () => lines().filter(({ level }) => level === 40),
    returns: () => lines().filter(({ msg }) => String(msg).startsWith('Redis is back')),
  }
}

t.test('Redis goes and comes back: one line each', { skip }, async (t) => {
  const redis = await start(t)
  const service = await startLogged(t, limited(redis.url))
  t.ok(await service.isServed())
  t.strictSame(service.warnings(), [])

  await redis.kill()
  for (let i = 0; i < 50; i += 1) t.ok(await service.isServed())
  t.equal(service.warnings().length, 1)

  await redis.start()
  const isBack = async () => (await service.isServed()) && service.returns().length > 0
  await until(isBack, 'that Redis is back')
  t.equal(service.returns().length, 1)
  t.equal(service.warnings().length, 1)
})

t.test('a Redis that has gone silent is waited for once', { skip }, async (t) => {
  const redis = await start(t)
  const service = await startLogged(t, limited(redis.url))
  t.ok(await service.isServed())
  redis.signal('SIGSTOP')
  const startedAt = performance.now()
  for (let i = 0; i < 100; i += 1) t.ok(await service.isServed())
  const tookMs = performance.now() - startedAt
  redis.signal('SIGCONT')
  // Half a second each would be 50 seconds.
  t.ok(tookMs < 25_000, `${Math.round(tookMs)} ms for all of them`)
  t.equal(service.warnings().length, 1)
})

t.test('a start with a Redis that never answers is soon over', async (t) => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    silent.close()
    await once(silent, 'close')
  })
  const { port } = silent.address() as AddressInfo
  const url = `redis://user:secret-word@127.0.0.1:${port}`
  const service = await startLogged(t, limited(url))
  t.ok(await service.isServed())
  t.equal(service.warnings().length, 1)
  await service.app.close()
  t.notMatch(service.text(), 'secret-word')
})

t.test('a wrong password is told, and is not in the log', { skip }, async (t) => {
  const redis = await start(t)
  const url = redis.url.replace('//', '//nobody:secret-word@')
  const service = await startLogged(t, limited(url))
  t.ok(await service.isServed())
  t.equal(service.warnings().length, 1)
  t.match(service.warnings()[0], { reason: /WRONGPASS/ })
  await service.app.close()
  t.notMatch(service.text(), 'secret-word')
})

t.test('without anything to count Redis is not even asked', async (t) => {
  const service = await startLogged(t, { REDIS_URL: 'redis://127.0.0.1:1' })
  t.ok(await service.isServed())
  t.strictSame(service.warnings(), [])
})
