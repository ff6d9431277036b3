import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createKey as createSigningKey, createToken } from '../helpers/issuer.ts'
import { createKey } from '../helpers/keys.ts'
import { recordLog } from '../helpers/log.ts'

const KEYS = { AUTH: 'keys' }
const FIRST_KEY = /keys create --tenant/
const ALL_OPEN = /AUTH is off/

t.test('the log says who asked, and never a secret', async (t) => {
  const { app, database, text, lines } = await recordLog(t, KEYS, 'debug')
  const { headers, id, secret, key } = await createKey(database.pool)
  const ask = async (method: 'GET' | 'POST', url: string, more: object = {}) => {
    const answer = await app.inject({ method, url, headers, ...more })
    return { answer, line: lines().findLast((line) => line.url === url.split('?', 1).join('')) }
  }
  const who = { tenant: 'acme', actor: id }
  const read = await ask('GET', '/api/events')
  t.match(read.line, { status: 200, ...who })
  const made = await ask('POST', '/api/keys', { payload: { name: 'x', scopes: ['events:read'] } })
  t.match(made.line, { status: 201, ...who })
  const issued = String(made.answer.json().key)
  await ask('GET', `/api/bookings?key=${key}`)
  await ask('POST', '/api/keys', { payload: { name: key, scopes: [key] } })
  await ask('POST', '/api/keys', { headers: { ...headers, 'x-request-id': 'x' }, payload: '{' })

  const lacking = { headers: { authorization: `Bearer ${issued}` } }
  const refused = await ask('POST', '/api/bookings/reserve', lacking)
  t.match(refused.line, { status: 403, code: 'insufficient_scope', tenant: 'acme' })
  const unknown = await ask('GET', '/api/keys', { headers: { authorization: `Bearer ${secret}` } })
  t.match(unknown.line, { status: 401, code: 'invalid_token' })
  t.notOk('actor' in (unknown.line ?? {}) || 'tenant' in (unknown.line ?? {}))
  t.ok(text().includes(id), 'the id is there')
  for (const hidden of [secret, issued.slice(-43)]) t.notOk(text().includes(hidden), 'no secret')
})

t.test('the log hides credentials that somebody has put into a path', async (t) => {
  const { app, database, text, lines } = await recordLog(t, KEYS, 'debug')
  const { headers, id, secret, key } = await createKey(database.pool)
  const urlOf = async (path: string, method: 'DELETE' | 'GET' = 'GET') => {
    await app.inject({ method, url: path, headers })
    return lines().at(-1)?.url
  }
  t.equal(await urlOf(`/api/keys/${key}`, 'DELETE'), `/api/keys/rsv_${id}_***`)
  t.equal(await urlOf(`/api/events/${key}`), `/api/events/rsv_${id}_***`)
  t.equal(await urlOf(`/nowhere/${key}/more?key=${key}`), `/nowhere/rsv_${id}_***/more`)
  t.equal(await urlOf(`/api/keys/${key.replace('_', '%5F')}`, 'DELETE'), '/api/keys/rsv')
  t.equal(await urlOf(`/api/keys/%72${key.slice(1)}`, 'DELETE'), '/api/keys/')

  const token = await createToken(await createSigningKey('ES256', 'one'))
  const [, claims = '', signature = ''] = token.split('.')
  t.equal(await urlOf(`/api/tokens/${token}`, 'DELETE'), '/api/tokens/***')
  t.equal(await urlOf(`/nowhere/x${token}/more`), '/nowhere/***/more')
  t.equal(await urlOf(`/nowhere/${token.replaceAll('.', '%2e')}`), '/nowhere/***')
  for (const hidden of [secret, claims, signature]) t.notOk(text().includes(hidden), 'no secret')
})

t.test('neither does it where the database fails', async (t) => {
  const { app, database, proxy, text } = await recordLog(
    t,
    { ...KEYS, DATABASE_CONNECT_TIMEOUT_MS: '500' },
    'debug',
  )
  const { headers, secret } = await createKey(database.pool)
  await proxy.refuse()
  const answer = await app.inject({ url: '/api/events', headers })
  t.match([answer.statusCode, answer.headers['retry-after']], [503, '1'])
  t.match(answer.json(), { error: 'The database is unavailable; try again later' })
  const issue = { method: 'POST', url: '/api/keys', headers, payload: { name: 'x' } } as const
  t.equal((await app.inject(issue)).statusCode, 503)
  await app.close()
  t.notOk(text().includes(secret))
})

t.test('the log says at the start how to make the first key, until there is one', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const said = async (environment: Record<string, string>): Promise<Record<string, unknown>[]> => {
    const written: string[] = []
    const stream = { write: (line: string) => written.push(line) }
    const app = await buildApp(testConfig(url, environment), { logger: { level: 'info', stream } })
    await app.listen({ host: '127.0.0.1', port: 0 })
    await app.close()
    return written.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  const find = (lines: Record<string, unknown>[], text: RegExp) =>
    lines.filter(({ msg }) => text.test(String(msg)))
  t.match(find(await said(KEYS), FIRST_KEY), [{ level: 30 }])
  t.strictSame(find(await said({ AUTH: 'off' }), FIRST_KEY), [])
  const { id } = await createKey(pool)
  t.strictSame(find(await said(KEYS), FIRST_KEY), [])
  await pool.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id])
  t.match(find(await said(KEYS), FIRST_KEY), [{ level: 30 }], 'none that lets anybody in')

  const open = { AUTH: 'off', HOST: '0.0.0.0' }
  t.match(find(await said(open), ALL_OPEN), [{ level: 40 }])
  t.strictSame(find(await said({ AUTH: 'off' }), ALL_OPEN), [])
  t.strictSame(find(await said({ ...open, AUTH: 'keys' }), ALL_OPEN), [])
})
