import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { SCOPES } from '../../src/domain/access.ts'
import { createTestApp, testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createKey } from '../helpers/keys.ts'
import { recordLog } from '../helpers/log.ts'

const LIMITED = { RATE_LIMIT_PER_MINUTE: '3', TRUST_PROXY: 'on' }
const PROBLEM = { accept: 'application/problem+json' }

t.test('RATE_LIMIT_PER_MINUTE', async (t) => {
  const app = await createTestApp(t, { environment: LIMITED })
  const from = (address: string, more: Record<string, string> = {}) => ({
    url: '/api/events',
    headers: { 'x-forwarded-for': address, ...more },
  })

  await t.test('says with each answer what is left, and then 429', async (t) => {
    for (const left of ['2', '1', '0']) {
      const { statusCode, headers } = await app.inject(from('192.0.2.1'))
      t.equal(statusCode, 200)
      t.equal(headers['ratelimit-limit'], '3')
      t.equal(headers['ratelimit-remaining'], left)
      const reset = Number(headers['ratelimit-reset'])
      t.ok(reset > 0 && reset <= 60, String(reset))
      t.equal(headers['retry-after'], undefined)
    }
    const refused = await app.inject(from('192.0.2.1'))
    t.equal(refused.statusCode, 429)
    t.strictSame(refused.json(), { error: 'Too many requests; try again later' })
    t.equal(refused.headers['ratelimit-remaining'], '0')
    t.equal(refused.headers['retry-after'], refused.headers['ratelimit-reset'])
    t.equal(refused.headers.vary, 'accept')
    const problem = await app.inject(from('192.0.2.1', PROBLEM))
    t.match(problem.headers['content-type'], /^application\/problem\+json/)
    t.match(problem.json(), { status: 429, code: 'rate_limited', title: 'Too Many Requests' })
  })

  await t.test('is over all routes of the API, whatever the body', async (t) => {
    const headers = { 'x-forwarded-for': '192.0.2.2', 'content-type': 'application/json' }
    const urls = ['/api/events', '/api/bookings/reserve', '/api/events/1/history']
    await app.inject({ method: 'POST', url: '/api/events', payload: '{', headers })
    await app.inject({ method: 'GET', url: '/api/bookings/1', headers })
    await app.inject({ method: 'HEAD', url: '/api/bookings', headers })
    for (const url of urls.slice(0, 2)) {
      const refused = await app.inject({ method: 'POST', url, payload: '{', headers })
      t.equal(refused.statusCode, 429, 'before a body is read')
    }
    const read = await app.inject({ url: '/api/events/1/history', headers })
    t.equal(read.statusCode, 429)
  })

  await t.test('is for each address apart, and for a whole IPv6 site', async (t) => {
    t.equal((await app.inject(from('192.0.2.3'))).statusCode, 200)
    for (let i = 0; i < 3; i += 1) await app.inject(from(`2001:db8::${i}`))
    t.equal((await app.inject(from('2001:db8::ffff'))).statusCode, 429)
    t.equal((await app.inject(from('2001:db8:0:1::'))).statusCode, 200)
  })

  await t.test(
    'is not for probes, the greeting, the documentation and what is not there',
    async (t) => {
      const headers = { 'x-forwarded-for': '192.0.2.1' }
      for (const url of [
        '/',
        '/api',
        '/livez',
        '/readyz',
        '/documentation/json',
        '/documentation/',
      ]) {
        const answer = await app.inject({ url, headers })
        t.equal(answer.statusCode, 200, url)
        t.equal(answer.headers['ratelimit-limit'], undefined, url)
      }
      t.equal((await app.inject({ url: '/api/nothing', headers })).statusCode, 404)
      t.equal((await app.inject({ method: 'PUT', url: '/api/events', headers })).statusCode, 405)
    },
  )
})

t.test('callers that are told apart are limited apart, wherever they ask from', async (t) => {
  const database = await createTestDatabase(t)
  const app = await buildApp(testConfig(database.url, LIMITED))
  t.teardown(() => app.close())
  // Stands for a credential: the limit asks only what became of it.
  app.addHook('onRequest', (request, _reply, next) => {
    const [tenantId = '', actor = ''] = String(request.headers['x-as']).split(' ')
    request.grant = { caller: { tenantId, actor, userId: null }, scopes: new Set(SCOPES) }
    next()
  })
  const as = async (caller: string, address: string) => {
    const headers = { 'x-as': caller, 'x-forwarded-for': address }
    return (await app.inject({ url: '/api/events', headers })).statusCode
  }
  for (let i = 0; i < 3; i += 1) t.equal(await as('acme user:ann', `192.0.2.${i}`), 200)
  t.equal(await as('acme user:ann', '192.0.2.9'), 429)
  t.equal(await as('acme user:bob', '192.0.2.9'), 200)
  t.equal(await as('other user:ann', '192.0.2.9'), 200, 'tenants may have the same subjects')
})

t.test('without it there is no limit, and nothing is said of one', async (t) => {
  const app = await createTestApp(t)
  t.notOk(app.hasPlugin('@fastify/rate-limit'))
  for (let i = 0; i < 20; i += 1) {
    const { statusCode, headers } = await app.inject('/api/events')
    t.equal(statusCode, 200)
    t.equal(headers['ratelimit-limit'], undefined)
  }
})

t.test('who is limited is counted in the log, without a line each', async (t) => {
  const { app, lines } = await recordLog(t, { RATE_LIMIT_PER_MINUTE: '1' })
  for (let i = 0; i < 50; i += 1) await app.inject('/api/events')
  await app.close()
  const told = lines().filter(({ code }) => code === 'rate_limited')
  t.equal(
    told.reduce((sum, { count }) => sum + Number(count), 0),
    49,
  )
  t.ok(told.length < 10, `${told.length} lines`)
  t.match(told[0], { level: 30, example: { url: '/api/events', client: '127.0.0.1' } })
})

t.test('failed authentication is limited always, by address', async (t) => {
  const environment = { AUTH: 'keys', FAILED_AUTH_PER_MINUTE: '3', TRUST_PROXY: 'on' }
  const app = await createTestApp(t, { environment })
  const from = (address: string, authorization?: string) =>
    app.inject({
      url: '/api/events',
      headers: { 'x-forwarded-for': address, ...(authorization && { authorization }) },
    })
  for (let i = 0; i < 10; i += 1) t.equal((await from('192.0.2.1')).statusCode, 401)
  for (let i = 0; i < 3; i += 1) {
    t.equal((await from('192.0.2.1', `Bearer wrong${i}`)).statusCode, 401)
  }
  const blocked = await from('192.0.2.1', 'Bearer wrong')
  t.equal(blocked.statusCode, 429)
  t.strictSame(blocked.json(), { error: 'Too many requests; try again later' })
  const seconds = Number(blocked.headers['retry-after'])
  t.ok(seconds > 0 && seconds <= 60, String(seconds))
  t.equal((await from('192.0.2.2', 'Bearer wrong')).statusCode, 401, 'another address is not')
  t.equal((await from('192.0.2.1')).statusCode, 401, 'who shows no credential is told to')
})

t.test('who is known already is let in from a blocked address', async (t) => {
  const database = await createTestDatabase(t)
  const environment = { AUTH: 'keys', FAILED_AUTH_PER_MINUTE: '1' }
  const app = await createTestApp(t, { database, environment })
  const [known, other] = [await createKey(database.pool), await createKey(database.pool)]
  const ask = async (authorization: string) =>
    (await app.inject({ url: '/api/events', headers: { authorization } })).statusCode
  t.equal(await ask(`Bearer ${known.key}`), 200)
  t.equal(await ask('Bearer wrong'), 401)
  t.equal(await ask('Bearer wrong'), 429, 'the address is blocked')
  t.equal(await ask(`Bearer ${known.key}`), 200)
  t.equal(await ask(`Bearer ${known.key.slice(0, -1)}~`), 429, 'by the whole key alone')
  t.equal(await ask(`Bearer ${other.key}`), 429, 'who has not been seen yet has to wait')
})

t.test('who may not do what he asks for is counted as well', async (t) => {
  const database = await createTestDatabase(t)
  const environment = { AUTH: 'keys', RATE_LIMIT_PER_MINUTE: '2' }
  const app = await createTestApp(t, { database, environment })
  const { key } = await createKey(database.pool, { scopes: ['events:read'] })
  const ask = async () => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const { statusCode, headers: told } = await app.inject({
      method: 'POST',
      url: '/api/events',
      // No body is read.
      payload: '{',
      headers,
    })
    return [statusCode, told['ratelimit-remaining']]
  }
  t.strictSame(await ask(), [403, '1'])
  t.strictSame(await ask(), [403, '0'])
  t.strictSame(await ask(), [429, '0'])
})
