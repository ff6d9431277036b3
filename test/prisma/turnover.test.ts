import pg from 'pg'
import t from 'tap'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { migrate } from '../helpers/migrations.ts'
import { bookingOf, isReplayed, underKey } from '../helpers/outcomes.ts'
import { until } from '../helpers/until.ts'

const MIGRATION = '20261128000000_turnover'

async function valuesOf(pool: pg.Pool, sql: string): Promise<unknown[]> {
  const { rows } = await pool.query<{ value: unknown }>(sql)
  return rows.map(({ value }) => value)
}

t.test('the migration keeps what is remembered, and drops what is over', async (t) => {
  const { pool, url } = await createTestDatabase(t, { template: 'empty' })
  await migrate(pool, (name) => name < MIGRATION)
  await pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('One', 9);
    INSERT INTO idempotency_keys (key, fingerprint, response, created_at)
    SELECT age || ' h', 'fingerprint', json_build_object('kind', 'booking', 'booking', json_build_object(
      'id', 7, 'eventId', 1, 'userId', 'ann', 'seats', 1, 'status', 'confirmed', 'expiresAt', NULL,
      'createdAt', '2026-01-15T10:30:00.000Z')), now() - make_interval(hours => age)
    FROM unnest(ARRAY[0, 12, 23, 24, 48]) AS age;
    INSERT INTO expired_holds (booking_id, event_id, expired_at)
    SELECT age, 1, now() - make_interval(days => age) FROM unnest(ARRAY[1, 6, 7, 30]) AS age`)
  await migrate(pool, (name) => name >= MIGRATION)

  t.same(await valuesOf(pool, 'SELECT key AS value FROM idempotency_keys ORDER BY created_at'), [
    ...['23 h', '12 h', '0 h'],
  ])
  t.same(await valuesOf(pool, 'SELECT booking_id AS value FROM expired_holds ORDER BY 1'), [1, 6])
  for (const [table, since, period] of [
    ['idempotency_keys', 'created_at', '24 hours'],
    ['expired_holds', 'expired_at', '7 days'],
  ]) {
    const isRight = `SELECT DISTINCT slot = ring_slot(${since}, '${period}') AS value FROM ${table}`
    t.same(await valuesOf(pool, isRight), [true], `each of ${table} is in its slot`)
  }
  const { reservations } = startEngine(t, url)
  for (const key of ['23 h', '0 h']) {
    const answer = await reservations.execute(plainReserve(1, 'ann'), underKey(key))
    t.ok(isReplayed(answer))
    t.match(bookingOf(answer), { id: 7, createdAt: new Date('2026-01-15T10:30:00.000Z') })
  }
})

t.test('long metadata is kept out of the rows, those that were there among them', async (t) => {
  const { pool } = await createTestDatabase(t, { template: 'empty' })
  await migrate(pool, (name) => name < MIGRATION)
  const insert = `
    INSERT INTO events (name, total_seats, metadata)
    SELECT 'Event ' || n, 1, json_build_object('text', (
      SELECT string_agg('words about hall ' || m || ' of ' || n, ', ')
      FROM generate_series(1, 90) AS m))
    FROM generate_series(1, 100) AS n`
  await pool.query(insert)
  const all = 'SELECT md5(metadata::text) AS value FROM events ORDER BY id'
  const before = await valuesOf(pool, all)
  const othersAtWork = `
    SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database()
      AND pid <> pg_backend_pid() AND COALESCE(backend_xmin, backend_xid) IS NOT NULL`
  const pagesOf = async (): Promise<number> => {
    await until(async () => (await valuesOf(pool, othersAtWork))[0] === 0, 'nobody else at work')
    await pool.query('VACUUM FULL events')
    const [bytes] = await valuesOf(pool, `SELECT pg_relation_size('events') AS value`)
    return Number(bytes) / 8192
  }
  // The copies that the migration has replaced are still there, as in any transaction. They stay for
  // who may see them: a worker of autovacuum, which may come at any moment.
  const pagesUnder = async (most: number, what: string): Promise<number> => {
    let pages = Infinity
    await until(async () => (pages = await pagesOf()) <= most, what)
    return pages
  }
  const pages = await pagesOf()
  await migrate(pool, (name) => name >= MIGRATION)
  t.same(await valuesOf(pool, all), before)
  const pagesWithRoom = await pagesUnder(pages - 1, `fewer than ${pages} pages, though half empty`)
  await pool.query(insert)
  t.ok(await pagesUnder(2 * pagesWithRoom, 'so are those that are made from now on'))
})

t.test('who was granted something may do so still, and may grant it', async (t) => {
  const { pool, url } = await createTestDatabase(t, { template: 'empty' })
  await migrate(pool, (name) => name < MIGRATION)
  const suffix = new URL(url).pathname.slice(1)
  const [service, auditor, owner] = [`Service "${suffix}"`, `auditor_${suffix}`, `owner_${suffix}`]
  const roles = [service, auditor, owner].map((role) => pg.escapeIdentifier(role))
  for (const role of roles) await pool.query(`CREATE ROLE ${role}`)
  t.teardown(() => pool.query(`DROP OWNED BY ${roles.join()}; DROP ROLE ${roles.join()}`))
  await pool.query(`
    GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys, expired_holds TO ${roles[0]};
    GRANT SELECT ON idempotency_keys TO ${roles[1]} WITH GRANT OPTION;
    GRANT SELECT (event_id), UPDATE (event_id) ON expired_holds TO ${roles[1]};
    GRANT SELECT ON expired_holds TO PUBLIC;
    ALTER TABLE idempotency_keys OWNER TO ${roles[2]}`)
  await migrate(pool, (name) => name >= MIGRATION)

  const mayDo = async (role: string, table: string, what: string): Promise<unknown> => {
    const sql = `SELECT has_table_privilege($1, $2, $3) AS may`
    return (await pool.query<{ may: boolean }>(sql, [role, table, what])).rows[0]?.may
  }
  for (const table of ['idempotency_keys', 'expired_holds', 'expired_holds_2']) {
    for (const what of ['SELECT', 'INSERT', 'UPDATE', 'DELETE']) {
      t.ok(await mayDo(service, table, what), `${what} on ${table}`)
    }
    for (const what of ['TRUNCATE', 'SELECT WITH GRANT OPTION']) {
      t.notOk(await mayDo(service, table, what), `no ${what} on ${table}`)
    }
  }
  t.ok(await mayDo(auditor, 'idempotency_keys_0', 'SELECT WITH GRANT OPTION'))
  t.notOk(await mayDo(auditor, 'idempotency_keys', 'INSERT'))
  t.ok(await mayDo(auditor, 'expired_holds', 'SELECT'), 'as anybody may')
  const columns = await valuesOf(
    pool,
    `SELECT attname AS value FROM pg_attribute WHERE attrelid = 'expired_holds'::regclass
     AND attnum > 0 AND has_column_privilege('${auditor}', attrelid, attnum, 'UPDATE')`,
  )
  t.same(columns, ['event_id'])
  t.ok(await mayDo(owner, 'idempotency_keys', 'TRUNCATE'))
  t.notOk(await mayDo(owner, 'expired_holds', 'INSERT'))
})

t.test('a batch changes no index of an event, however many there have been', async (t) => {
  const { pool } = await createTestDatabase(t)
  const ofCounters = `
    SELECT indexrelid::regclass::text AS value FROM pg_index
    WHERE indrelid = 'events'::regclass AND pg_get_indexdef(indexrelid) ~ '\\m(taken|held|waiting)\\M'
    ORDER BY 1`
  t.same(await valuesOf(pool, ofCounters), [])
  await pool.query(`
    CREATE INDEX as_column ON events (id, taken);
    CREATE INDEX as_expression ON events ((total_seats - held));
    CREATE INDEX as_predicate ON events (id) WHERE waiting > 0;
    CREATE INDEX as_included ON events (id) INCLUDE (waiting)`)
  const found = ['as_column', 'as_expression', 'as_included', 'as_predicate']
  t.same(await valuesOf(pool, ofCounters), found, 'one that it would change is found')
})
