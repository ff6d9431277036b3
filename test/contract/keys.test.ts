import { createHash } from 'node:crypto'
import t from 'tap'
import { SCOPES } from '../../src/domain/access.ts'
import { MAX_USABLE_KEYS } from '../../src/domain/api-key.ts'
import { createApi, type ApiAnswer } from '../helpers/api.ts'
import { createKey } from '../helpers/keys.ts'
import { until } from '../helpers/until.ts'

const KEYS = { AUTH: 'keys' }

interface KeyRow {
  tenant_id: string
  secret_hash: Buffer
  revoked_at: Date
}

/** The ids of the keys that a page has. */
function idsOf({ body }: ApiAnswer): string[] {
  const keys: { id: string }[] = body.keys
  return keys.map(({ id }) => id)
}

t.test('API keys over HTTP', async (t) => {
  const api = await createApi(t, KEYS)
  const { pool } = api.database
  const { headers, id: adminId } = await createKey(pool)
  const make = (body: object) => api.ask('POST', '/keys', body, headers)

  await t.test('a key is made, shown once, and lets its holder do what it allows', async (t) => {
    const made = await make({ name: 'Box office', scopes: ['events:read', 'events:read'] })
    t.equal(made.status, 201)
    const { id, key, ...rest } = made.body
    t.match(rest, { name: 'Box office', scopes: ['events:read'], expires_at: null })
    t.match(rest, { created_at: /Z$/, last_used_at: null, revoked_at: null })
    t.match(made.headers, { location: `/api/keys/${id}`, 'cache-control': 'no-store' })
    t.match(key, new RegExp(`^rsv_${id}_`))

    const own = { authorization: `Bearer ${key}` }
    t.equal((await api.ask('GET', '/events', undefined, own)).status, 200)
    t.equal((await api.ask('POST', '/keys', {}, own)).status, 403)

    const secret = String(key).slice(-43)
    const { rows } = await pool.query<KeyRow>('SELECT * FROM api_keys WHERE id = $1', [id])
    t.strictSame(rows[0]?.secret_hash, createHash('sha256').update(secret).digest())
    t.equal(rows[0]?.tenant_id, 'acme')
    const { rows: texts } = await pool.query('SELECT k::text AS text FROM api_keys AS k')
    t.notOk(JSON.stringify(texts).includes(secret), 'the secret is nowhere in the table')
    const list = await api.ask('GET', '/keys', undefined, headers)
    t.notOk(JSON.stringify(list.body).includes(secret))
  })

  await t.test('what it is to be like is checked', async (t) => {
    const name = 'x'
    for (const [body, text] of [
      [{}, 'name and scopes are required'],
      [{ name, scopes: [] }, 'scopes must be an array of 1 to 6 scopes'],
      [{ name, scopes: 'admin' }, 'scopes must be an array of 1 to 6 scopes'],
      [{ name, scopes: ['root'] }, `scopes.0 must be one of ${SCOPES.join(', ')}`],
      [{ name: ' ', scopes: ['admin'] }, 'name must not be blank'],
      [{ name: 'a\0', scopes: ['admin'] }, /^name must be a string/],
      [
        { name, scopes: ['admin'], expires_at: 'soon' },
        /^expires_at must be an ISO 8601 date-time/,
      ],
      [
        { name, scopes: ['admin'], expires_at: '2020-01-01T00:00:00Z' },
        'expires_at must be in the future',
      ],
    ] as const) {
      const { status, body: answer } = await make(body)
      t.equal(status, 400)
      t.match(answer, { error: text })
    }
  })

  await t.test('lists are paged, and of the own tenant only', async (t) => {
    for (let n = 0; n < 4; n += 1) await make({ name: `${n}`, scopes: ['admin'], expires_at: null })
    const stranger = await createKey(pool, { tenant: 'other' })
    const all = await api.ask('GET', '/keys', undefined, headers)
    const ids = idsOf(all)
    t.ok(ids.length >= 5)
    t.strictSame(ids, [...ids].sort())
    t.ok(ids.includes(adminId))
    t.notOk(ids.includes(stranger.id))

    const paged = await api.readAll('/keys', 'keys', 2, headers)
    t.strictSame(
      paged.map(({ id }) => id),
      ids,
    )
    t.equal((await api.ask('GET', '/keys?cursor=WyJ4Il0', undefined, headers)).status, 400)
  })

  await t.test('one that is revoked lets nobody in, and stays in the list', async (t) => {
    const { body } = await make({ name: 'short', scopes: ['events:read'] })
    const own = { authorization: `Bearer ${body.key}` }
    t.equal((await api.ask('GET', '/events', undefined, own)).status, 200)
    const url = `/keys/${body.id}`
    t.equal((await api.ask('DELETE', url, undefined, headers)).status, 204)
    t.match(await api.ask('GET', '/events', undefined, own), { status: 401 })
    const revokedAt = async () => {
      const sql = 'SELECT revoked_at FROM api_keys WHERE id = $1'
      return (await pool.query<KeyRow>(sql, [body.id])).rows[0]?.revoked_at.toISOString()
    }
    const at = await revokedAt()
    t.equal((await api.ask('DELETE', url, undefined, headers)).status, 204, 'again')
    t.equal(await revokedAt(), at, 'changes nothing')
    const all = await api.readAll('/keys', 'keys', 100, headers)
    t.match(
      all.find(({ id }) => id === body.id),
      { revoked_at: at },
    )
  })

  await t.test("another tenant's is like one that is not there", async (t) => {
    const stranger = await createKey(pool, { tenant: 'other' })
    const absent = await api.ask('DELETE', `/keys/${'0'.repeat(16)}`, undefined, headers)
    const theirs = await api.ask('DELETE', `/keys/${stranger.id}`, undefined, headers)
    t.match(theirs, { status: 404, body: { error: 'API key not found' } })
    t.strictSame([theirs.status, theirs.body], [absent.status, absent.body])
    t.equal((await api.ask('GET', '/keys', undefined, stranger.headers)).status, 200)
  })

  await t.test('the hour of the last use is written down, once', async (t) => {
    const used = await createKey(pool, { scopes: ['events:read'] })
    const hourOf = async () => {
      const { rows } = await pool.query<{ is_now: boolean; xmin: string }>(
        `SELECT last_used_at = date_trunc('hour', now()) AS is_now, xmin::text
         FROM api_keys WHERE id = $1 AND last_used_at IS NOT NULL`,
        [used.id],
      )
      return rows[0]
    }
    t.equal(await hourOf(), undefined)
    await api.ask('GET', '/events', undefined, used.headers)
    const first = await until(hourOf, 'the use')
    t.ok(first.is_now)
    for (let n = 0; n < 20; n += 1) await api.ask('GET', '/events', undefined, used.headers)
    t.strictSame(await hourOf(), first)
    // As if it were an hour later; the key is read again when nobody has it at hand.
    await pool.query(`UPDATE api_keys SET last_used_at = last_used_at - interval '1 hour'`)
    api.app.keyRing.forget(used.id)
    await api.ask('GET', '/events', undefined, used.headers)
    await until(async () => (await hourOf())?.is_now, 'the next hour')
  })
})

t.test('with AUTH=off keys are listed and revoked, and none is made', async (t) => {
  const api = await createApi(t)
  const { pool } = api.database
  const body = { name: 'first', scopes: ['admin'] }
  t.match(await api.ask('POST', '/keys', body, { accept: 'application/problem+json' }), {
    status: 403,
    body: { code: 'auth_off', detail: /by the command line only: npm run keys -- create$/ },
  })
  t.strictSame((await pool.query('SELECT FROM api_keys')).rows, [])
  const { id } = await createKey(pool, { tenant: 'default' })
  t.match(await api.ask('GET', '/keys'), { status: 200, body: { keys: [{ id }] } })
  t.equal((await api.ask('DELETE', `/keys/${id}`)).status, 204)
})

/** Has the tenant have so many keys; those that let nobody in come on top. */
const FILL = `
  INSERT INTO api_keys (id, tenant_id, name, scopes, secret_hash, expires_at, revoked_at)
  SELECT lpad(n::text, 16, '0'), 'acme', 'test', '{admin}', sha256(''),
    CASE WHEN n > $1 AND n % 2 = 0 THEN now() END, CASE WHEN n > $1 AND n % 2 = 1 THEN now() END
  FROM generate_series(1, $1::int + 500) AS n`

t.test('a tenant has so many keys that let somebody in, and no more in a race', async (t) => {
  const api = await createApi(t, KEYS)
  const { pool } = api.database
  const other = await createApi(t, KEYS, api.database)
  const { headers } = await createKey(pool)
  const body = { name: 'x', scopes: ['events:read'] }
  await pool.query(FILL, [MAX_USABLE_KEYS - 4])
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? api : other).ask('POST', '/keys', body, headers),
    ),
  )
  const statuses = made.map(({ status }) => status)
  t.equal(statuses.filter((status) => status === 201).length, 3)
  t.equal(statuses.filter((status) => status === 409).length, 17)

  const refused = await api.ask('POST', '/keys', body, headers)
  const error = 'The tenant has 1000 API keys that let somebody in; revoke one first'
  t.match(refused, { status: 409, body: { error } })
  const stranger = await createKey(pool, { tenant: 'other' })
  t.equal((await api.ask('POST', '/keys', body, stranger.headers)).status, 201)
  const [first] = made.filter(({ status }) => status === 201)
  t.equal((await api.ask('DELETE', `/keys/${first?.body.id}`, undefined, headers)).status, 204)
  t.equal((await api.ask('POST', '/keys', body, headers)).status, 201, 'there is room again')
})
