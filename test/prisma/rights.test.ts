import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { purgePiece } from '../../src/store/purge.ts'
import { passStarted } from '../../src/store/started.ts'
import { prune } from '../../src/store/turnover.ts'
import { createApi, type Api } from '../helpers/api.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { createKey } from '../helpers/keys.ts'
import { migrate } from '../helpers/migrations.ts'
import { createRole, type TestRole } from '../helpers/roles.ts'
import { projectDir } from '../helpers/run-state.ts'
import { execute } from '../helpers/sql.ts'
import { until } from '../helpers/until.ts'

const LISTS = '20261127000000_lists'
const RIGHTS = '20261128000100_rights'

/** What docs/operations.md has an operator grant. */
async function documentedGrants(role: string): Promise<string> {
  const text = await readFile(join(projectDir, 'docs/operations.md'), 'utf8')
  const [, sql = ''] = /```sql\n(GRANT .*?)```/s.exec(text) ?? []
  return sql.replaceAll(/\bTO reservations\b/g, `TO ${role}`)
}

/** An empty database, and a role that may do nothing in it yet. */
async function createUnmigrated(t: Test): Promise<{ database: TestDatabase; role: TestRole }> {
  const database = await createTestDatabase(t, { template: 'empty' })
  return { database, role: await createRole(t, database) }
}

/** Has the role do, in one way at least, all that the service does to each table. */
async function holdService(t: Test, { pool }: TestDatabase, { url }: TestRole): Promise<void> {
  const api = await createApi(t, {}, { url, pool })
  const id = await api.createEvent({ total_seats: 1, waitlist_promotes_to: 'held' })
  t.equal((await api.ask('PATCH', `/events/${id}`, { name: 'Opera' })).status, 200)
  const listed = await api.ask('GET', '/events?name=opera&sort=name')
  t.match(listed.body, { events: [{ id, name: 'Opera' }] })
  await bookAll(t, api, id)
  await sweep(t, api, id)
}

/** A keyed booking makes room for a hold, which expires. */
async function bookAll(t: Test, api: Api, id: number): Promise<void> {
  const ann = { event_id: id, user_id: 'ann' }
  const reserve = () => api.ask('POST', '/bookings/reserve', ann, { 'idempotency-key': 'same' })
  const { status, body } = await reserve()
  t.equal(status, 201)
  t.match(await reserve(), { status, body })
  await queue(t, api, id, 'bob')
  t.equal((await api.ask('DELETE', `/bookings/${body.booking.id}`)).status, 204)

  const [held] = await api.readAll(`/bookings?event_id=${id}&status=held`, 'bookings', 10)
  t.match(held, { user_id: 'bob' })
  await api.expire(Number(held?.id))
  t.equal((await api.reserve(id, 'cyd')).status, 201)
  t.equal((await api.ask('POST', `/bookings/${String(held?.id)}/confirm`)).status, 410)
  t.equal((await api.ask('GET', `/events/${id}/history`)).status, 200)
}

/** Somebody waits, the first in line, and looks where. */
async function queue(t: Test, api: Api, id: number, userId: string): Promise<void> {
  const { status, headers } = await api.reserve(id, userId, { waitlist: true })
  t.equal(status, 202)
  const placed = await api.ask('GET', String(headers['location']).replace('/api', ''))
  t.match(placed, { status: 200, body: { user_id: userId, position: 1 } })
  const found = await api.ask('GET', `/events/${id}/waitlist?user_id=${userId}`)
  t.match(found, { status: 200, body: { waitlist: [{ user_id: userId, position: 1 }] } })
}

/** What the sweeper does without a request. */
async function sweep(t: Test, { ask, database }: Api, id: number): Promise<void> {
  const { pool, url } = database
  const { prisma } = startEngine(t, url)
  await pool.query(`UPDATE event_listings SET is_upcoming = true, starts_at = '2026-01-15T10:30Z'`)
  t.same(await passStarted(prisma), { isDone: true })
  const upcoming = await pool.query('SELECT FROM event_listings WHERE is_upcoming')
  t.equal(upcoming.rowCount, 0)

  t.equal((await ask('DELETE', `/events/${id}?force=true`)).status, 204)
  let progress = await prisma.$transaction((tx) => purgePiece(tx, null))
  while (progress !== null) {
    const before = progress
    progress = await prisma.$transaction((tx) => purgePiece(tx, before))
  }
  t.equal((await pool.query('SELECT FROM events')).rowCount, 0)
  for (const ring of ['idempotency_keys', 'expired_holds'] as const) {
    t.same(await prune(prisma, ring), { isDone: true, isForbidden: false }, ring)
  }
}

/** Makes a key, lets its holder in, writes down that it was used, and revokes it. */
async function holdKeys(t: Test, { pool }: TestDatabase, { url }: TestRole): Promise<void> {
  const api = await createApi(t, { AUTH: 'keys' }, { url, pool })
  const { headers } = await createKey(pool)
  const made = await api.ask('POST', '/keys', { name: 'x', scopes: ['events:read'] }, headers)
  t.equal(made.status, 201)
  const own = { authorization: `Bearer ${String(made.body.key)}` }
  t.equal((await api.ask('GET', '/events', undefined, own)).status, 200)
  const uses = `SELECT FROM api_keys WHERE id = '${String(made.body.id)}' AND last_used_at IS NOT NULL`
  await until(async () => (await pool.query(uses)).rowCount === 1, 'the use')
  t.equal((await api.ask('GET', '/keys', undefined, headers)).status, 200)
  t.equal((await api.ask('DELETE', `/keys/${made.body.id}`, undefined, headers)).status, 204)
  await t.rejects(execute(url, 'UPDATE api_keys SET scopes = scopes'), { code: '42501' })
  await t.rejects(execute(url, 'DELETE FROM api_keys'), { code: '42501' })
}

t.test('a role with the rights that are documented can do the work', async (t) => {
  const database = await createTestDatabase(t)
  const role = await createRole(t, database)
  const api = await createApi(t, {}, { url: role.url, pool: database.pool })
  t.equal((await api.ask('GET', '/events')).status, 503, 'without them it can not')
  await database.pool.query(await documentedGrants(role.name))
  t.equal((await api.app.inject('/readyz')).statusCode, 200)
  await holdService(t, database, role)
  await holdKeys(t, database, role)
})

t.test(
  'without a right to read keys it is not ready, and says so to whoever shows one',
  async (t) => {
    const database = await createTestDatabase(t)
    const { pool } = database
    const role = await createRole(t, database)
    await pool.query(await documentedGrants(role.name))
    const { headers } = await createKey(pool)
    const api = await createApi(t, { AUTH: 'keys' }, { url: role.url, pool })
    const answers = async () => [
      (await api.app.inject('/readyz')).statusCode,
      (await api.ask('GET', '/events', undefined, headers)).status,
    ]
    await pool.query(`REVOKE SELECT ON api_keys FROM ${role.name}`)
    t.strictSame(await answers(), [503, 503])
    t.match(await api.ask('GET', '/events', undefined, headers), {
      headers: { 'retry-after': '1' },
      body: { error: 'The database is unavailable; try again later' },
    })
    const open = await createApi(t, {}, { url: role.url, pool })
    t.equal((await open.app.inject('/readyz')).statusCode, 200, 'with AUTH=off nobody needs it')
    await pool.query(`GRANT SELECT ON api_keys TO ${role.name}`)
    t.strictSame(await answers(), [200, 200])
  },
)

t.test('a command that needs a right which is missing fails alone', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const role = await createRole(t, database)
  await pool.query(await documentedGrants(role.name))
  await pool.query(`REVOKE INSERT ON waitlist_entries FROM ${role.name}`)
  const api = await createApi(t, {}, { url: role.url, pool })
  const [full, free] = [
    await api.createEvent({ total_seats: 1 }),
    await api.createEvent({ total_seats: 50 }),
  ]
  t.equal((await api.reserve(full, 'ann')).status, 201)
  const answers = await Promise.all([
    api.reserve(full, 'bob', { waitlist: true }),
    ...Array.from({ length: 20 }, (_, n) => api.reserve(free, `user-${n}`)),
  ])
  const [waiting, ...others] = answers.map(({ status }) => status)
  t.equal(waiting, 503)
  t.strictSame(new Set(others), new Set([201]))
})

t.test('a role that had its rights before there were lists goes on with them', async (t) => {
  const { database, role } = await createUnmigrated(t)
  const { pool } = database
  await migrate(pool, (name) => name < LISTS)
  await pool.query(`
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role.name};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role.name}`)
  await migrate(pool, (name) => name >= LISTS && name < RIGHTS)
  await t.rejects(execute(role.url, 'SELECT FROM event_listings'), { code: '42501' })
  await migrate(pool, (name) => name >= RIGHTS)
  await holdService(t, database, role)
  await t.rejects(execute(role.url, 'UPDATE event_listings SET name = name'), { code: '42501' })
})

t.test('grants of all kinds go over, once or again, and give no more than there was', async (t) => {
  const { database, role: reader } = await createUnmigrated(t)
  const { pool } = database
  const [someColumns, ofKeys, handed, owner] = [
    ...[await createRole(t, database), await createRole(t, database)],
    ...[await createRole(t, database), await createRole(t, database)],
  ] as const
  await migrate(pool, (name) => name < RIGHTS)
  await pool.query(`
    GRANT SELECT ON events TO ${reader.name} WITH GRANT OPTION;
    GRANT SELECT (id, name), UPDATE (starts_at) ON events TO ${someColumns.name};
    GRANT DELETE ON idempotency_keys TO ${ofKeys.name};
    GRANT SELECT, UPDATE ON event_listings TO ${handed.name};
    ALTER TABLE events OWNER TO ${owner.name}`)
  // Twice: what is there already is no obstacle.
  await migrate(pool, (name) => name >= RIGHTS)
  await migrate(pool, (name) => name === RIGHTS)

  const may = async ({ name }: TestRole, what: string, column = 'name'): Promise<unknown> => {
    const sql = `SELECT has_column_privilege($1, 'event_listings', $2, $3) AS may`
    return (await pool.query<{ may: boolean }>(sql, [name, column, what])).rows[0]?.may
  }
  const mayExecute = async ({ name }: TestRole, what: string): Promise<unknown> => {
    const sql = `SELECT has_function_privilege($1, $2, 'EXECUTE') AS may`
    return (await pool.query<{ may: boolean }>(sql, [name, what])).rows[0]?.may
  }
  t.ok(await may(reader, 'SELECT WITH GRANT OPTION'))
  t.notOk(await may(reader, 'UPDATE', 'is_upcoming'))
  t.ok(await may(someColumns, 'SELECT'))
  t.ok(await may(someColumns, 'UPDATE', 'is_upcoming'))
  t.notOk(await may(someColumns, 'SELECT', 'starts_at'))
  t.ok(await may(handed, 'UPDATE'), 'what was granted by hand stays')
  t.ok(await may(owner, 'SELECT'))
  t.ok(await mayExecute(owner, 'relist_event()'))
  t.ok(await mayExecute(owner, 'list_events()'))
  t.notOk(await mayExecute(ofKeys, 'turn_over(text)'), 'that empties both')
  t.ok(await mayExecute(ofKeys, 'ring_slot(timestamptz, interval)'))
  t.ok(await mayExecute(ofKeys, 'grams(text)'))
  t.ok(await mayExecute(ofKeys, 'grams(text, text)'))
})

t.test('listings are shown to nobody from whom policies hide events', async (t) => {
  const { database, role } = await createUnmigrated(t)
  await migrate(database.pool, (name) => name < RIGHTS)
  await database.pool.query(`
    GRANT SELECT ON events TO ${role.name};
    ALTER TABLE events ENABLE ROW LEVEL SECURITY`)
  await migrate(database.pool, (name) => name >= RIGHTS)
  t.same(await execute(role.url, 'SELECT id FROM events'), [])
  await t.rejects(execute(role.url, 'SELECT name FROM event_listings'), { code: '42501' })
})
