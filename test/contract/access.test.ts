import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestApp } from '../helpers/app.ts'
import { allBut, createKey } from '../helpers/keys.ts'
import { operationsOf } from '../helpers/operations.ts'
import { until } from '../helpers/until.ts'

const KEYS = { AUTH: 'keys' }
const PROBLEM = 'application/problem+json'
const CHALLENGE = 'Bearer realm="reservations"'
const REQUIRED = 'An API key or a token is required, sent as Authorization: Bearer …'
const NOT_VALID = 'The API key or token is not valid'

t.test('every operation asks for its scope', async (t) => {
  const { app, database } = await createApi(t, KEYS)
  const operations = await operationsOf(app)
  t.ok(operations.length >= 23)
  const admin = await createKey(database.pool)
  for (const { id, method, url, scope, statuses } of operations) {
    const ask = (headers: Record<string, string>) => app.inject({ method, url, headers })
    if (scope === null) {
      t.equal((await ask({})).statusCode, 200, `${id} is for everybody`)
      t.notOk(statuses.includes('401'), id)
      continue
    }
    t.ok(statuses.includes('401') && statuses.includes('403'), id)
    const none = await ask({})
    t.match([none.statusCode, none.json()], [401, { error: REQUIRED }], `${id} without a key`)
    t.equal(none.headers['www-authenticate'], CHALLENGE)
    const problem = await ask({ accept: PROBLEM })
    t.match([problem.statusCode, problem.headers['content-type']], [401, PROBLEM])
    t.match(problem.json(), { status: 401, code: 'unauthorized', detail: REQUIRED })

    const lacking = await createKey(database.pool, { scopes: allBut(scope) })
    const refused = await ask(lacking.headers)
    const text = `The API key or token does not allow this: it needs the scope ${scope}`
    t.match([refused.statusCode, refused.json()], [403, { error: text }], `${id} without ${scope}`)
    t.equal(
      refused.headers['www-authenticate'],
      `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
    )
    const details = await ask({ ...lacking.headers, accept: PROBLEM })
    t.match(details.json(), { status: 403, code: 'insufficient_scope', detail: text })

    for (const { headers } of [await createKey(database.pool, { scopes: [scope] }), admin]) {
      const { statusCode } = await ask(headers)
      t.notOk([401, 403].includes(statusCode), `${id} with what it needs: ${statusCode}`)
    }
    const head = { method: 'HEAD', url } as const
    if (method === 'GET') t.equal((await app.inject(head)).statusCode, 401, `HEAD ${url}`)
  }
})

t.test('credentials', async (t) => {
  const { app, database } = await createApi(t, KEYS)
  const { pool } = database
  const ask = (authorization: string, url = '/api/events') =>
    app.inject({ url, headers: { authorization } })
  const { key, id, secret } = await createKey(pool, { scopes: ['events:read'] })

  await t.test('the scheme is read in any case, and spaces do not matter', async (t) => {
    for (const value of [`Bearer ${key}`, `bearer ${key}`, `BEARER   ${key} `]) {
      t.equal((await ask(value)).statusCode, 200, value.slice(0, 9))
    }
  })

  await t.test('another scheme is as if there were none', async (t) => {
    for (const value of ['', 'Basic YTpi', 'Bearer', 'Bearer ', key, `Bearer${key}`]) {
      const answer = await ask(value)
      t.match([answer.statusCode, answer.json()], [401, { error: REQUIRED }], value.slice(0, 7))
      t.equal(answer.headers['www-authenticate'], CHALLENGE)
    }
  })

  await t.test('whatever is wrong with a key, the answer is the same', async (t) => {
    const revoked = await createKey(pool, { scopes: ['events:read'] })
    const expired = await createKey(pool, { scopes: ['events:read'] })
    await pool.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [revoked.id])
    await pool.query(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [expired.id])
    const answers = new Set<string>()
    for (const value of [
      revoked.key,
      expired.key,
      `rsv_${'0'.repeat(16)}_${secret}`,
      `rsv_${id}_${revoked.secret}`,
      key.slice(0, -1),
      key.toUpperCase(),
      'x',
      'ä',
      'a b',
      '{}',
      'aaaa.bbbb.cccc',
      'rsv_'.repeat(1000),
    ]) {
      const { statusCode, headers, body } = await ask(`Bearer ${value}`)
      t.equal(statusCode, 401, value.slice(0, 20))
      answers.add(JSON.stringify([headers['www-authenticate'], headers['content-type'], body]))
    }
    const challenge = `${CHALLENGE}, error="invalid_token"`
    const type = 'application/json; charset=utf-8'
    t.strictSame(
      [...answers],
      [JSON.stringify([challenge, type, JSON.stringify({ error: NOT_VALID })])],
    )
    const problem = await app.inject({
      url: '/api/events',
      headers: { authorization: 'Bearer x', accept: PROBLEM },
    })
    t.match(problem.json(), { status: 401, code: 'invalid_token', detail: NOT_VALID })
  })

  await t.test('a key expires at its instant, by the clock of the database', async (t) => {
    const brief = await createKey(pool, { scopes: ['events:read'] })
    await pool.query(
      `UPDATE api_keys SET expires_at = clock_timestamp() + interval '700 ms' WHERE id = $1`,
      [brief.id],
    )
    t.equal((await ask(`Bearer ${brief.key}`)).statusCode, 200)
    const isOver = async (): Promise<boolean> => {
      const { rows } = await pool.query<{ is_over: boolean }>(
        'SELECT expires_at <= clock_timestamp() AS is_over FROM api_keys WHERE id = $1',
        [brief.id],
      )
      return rows[0]?.is_over === true
    }
    await until(isOver, 'the expiry')
    t.equal((await ask(`Bearer ${brief.key}`)).statusCode, 401)
  })

  await t.test('there is no such path or method, whoever asks', async (t) => {
    t.equal((await ask('', '/api/nothing')).statusCode, 404)
    const { statusCode, headers } = await app.inject({ method: 'PUT', url: '/api/events' })
    t.match([statusCode, headers.allow], [405, 'GET, HEAD, POST'])
  })

  await t.test('the body of who is turned away is not read', async (t) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await app.inject({ method: 'POST', url: '/api/events', headers, payload: '{' })
    t.equal(answer.statusCode, 401)
  })
})

t.test('without keys nobody is told apart, and a credential does not matter', async (t) => {
  const app = await createTestApp(t)
  const headers = { authorization: 'Bearer x' }
  t.equal((await app.inject({ url: '/api/events', headers })).statusCode, 200)
})

t.test('the document is the same, whether the service asks for keys or not', async (t) => {
  const [open, closed] = [await createTestApp(t), await createTestApp(t, { environment: KEYS })]
  const [one, other] = [
    (await open.inject('/documentation/json')).body,
    (await closed.inject('/documentation/json')).body,
  ]
  t.equal(one, other)
  t.match(JSON.parse(one), {
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  })
})
