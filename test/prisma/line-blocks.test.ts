import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { migrate } from '../helpers/migrations.ts'
import { createRole } from '../helpers/roles.ts'
import { openSession, untilBlocked } from '../helpers/sessions.ts'
import { execute } from '../helpers/sql.ts'
import { blocksOf, GIVEN, OF_ONE, OF_TWO } from '../helpers/waitlist-blocks.ts'

const MIGRATION = '20261129000000_line_blocks'

// What comes out of the migration: who may do what with the blocks of lines, and under which lock they
// are counted. That they are counted right is in waitlist-blocks.test.ts.

t.test('the events of a line are locked before its blocks are', async (t) => {
  const { pool } = await createTestDatabase(t)
  // In the order in which PostgreSQL calls them.
  const { rows } = await pool.query<{ calls: string[] }>(
    `SELECT array_agg(tgfoid::regproc::text ORDER BY tgname) AS calls FROM pg_trigger
     WHERE tgrelid = 'waitlist_entries'::regclass AND NOT tgisinternal
     GROUP BY tgtype ORDER BY tgtype`,
  )
  const counting = ['count_waiting', 'count_waitlist_blocks']
  const reset = ['reset_waiting', 'reset_waitlist_blocks']
  const calls = rows.map((row) => row.calls)
  t.same(calls.sort(), [counting, counting, counting, reset])
})

/** Somebody joins a line, and another one while the first has not committed; nobody was there before. */
async function joinAtOnce(t: Test, database: TestDatabase): Promise<PromiseSettledResult<unknown>> {
  const join = (user: string): string =>
    `INSERT INTO waitlist_entries (event_id, user_id) VALUES (3, '${user}')`
  const first = await openSession(t, database, join('first'))
  const second = Promise.allSettled([database.pool.query(join('second'))])
  await untilBlocked(database.pool, first)
  await first.query('COMMIT')
  return (await second)[0]
}

t.test('two that begin the same block at once are both counted', async (t) => {
  const database = await createTestDatabase(t)
  await database.pool.query(GIVEN)
  t.match(await joinAtOnce(t, database), { status: 'fulfilled' })
  t.same((await blocksOf(database.pool)).slice(-2), [[3, 512, 78, 2], [3, 16384, 2, 2]]) // prettier-ignore
})

t.test('the control: where blocks are counted before events are locked, one fails', async (t) => {
  const database = await createTestDatabase(t)
  await database.pool.query(GIVEN)
  await database.pool.query(
    `ALTER TRIGGER waitlist_entries_inserted_count_waitlist_blocks ON waitlist_entries RENAME TO a_first`,
  )
  t.match(await joinAtOnce(t, database), { status: 'rejected', reason: { code: '23505' } })
})

t.test('the migration counts what is there, and others may read it', async (t) => {
  const database = await createTestDatabase(t, { template: 'empty' })
  const { pool } = database
  await migrate(pool, (name) => name < MIGRATION)
  await pool.query(GIVEN)
  const service = await createRole(t, database, 'The "service"')
  const reader = await createRole(t, database)
  const ofColumns = await createRole(t, database)
  const ofOneColumn = await createRole(t, database)
  const writer = await createRole(t, database)
  await pool.query(`
    GRANT SELECT, INSERT, UPDATE, DELETE ON events, waitlist_entries TO ${service.identifier};
    GRANT SELECT ON waitlist_entries TO ${reader.identifier} WITH GRANT OPTION;
    GRANT SELECT (id, event_id) ON waitlist_entries TO ${ofColumns.identifier};
    GRANT SELECT (id) ON waitlist_entries TO ${ofOneColumn.identifier} WITH GRANT OPTION;
    GRANT INSERT ON waitlist_entries TO ${writer.identifier}`)
  await migrate(pool, (name) => name >= MIGRATION)

  t.same(await blocksOf(pool), [...OF_ONE, ...OF_TWO])
  const names = [service, reader, ofColumns, ofOneColumn, writer].map(({ name }) => name)
  t.same(await mayDo(pool, names, 'SELECT'), [true, true, true, false, false])
  t.same(await mayDo(pool, names, 'SELECT WITH GRANT OPTION'), [false, true, false, false, false])
  const writing = await mayDo(pool, names, 'INSERT, UPDATE, DELETE, TRUNCATE')
  t.same(writing, [false, false, false, false, false])

  await execute(service.url, 'DELETE FROM waitlist_entries WHERE event_id = 1')
  await execute(
    service.url,
    `INSERT INTO waitlist_entries (id, event_id, user_id) VALUES (10, 2, 'new')`,
  )
  t.same(await blocksOf(pool), [[2, 512, 0, 8], [2, 16384, 0, 8]], 'who writes the line need not write them') // prettier-ignore
})

/** Which of the roles have one of the privileges on what is counted. */
async function mayDo(
  pool: pg.Pool,
  names: readonly string[],
  privileges: string,
): Promise<unknown[]> {
  const sql = `SELECT has_table_privilege(name, 'waitlist_blocks', $2) AS may
    FROM unnest($1::text[]) WITH ORDINALITY AS role(name, place) ORDER BY place`
  const { rows } = await pool.query<{ may: boolean }>(sql, [names, privileges])
  return rows.map(({ may }) => may)
}

for (const table of ['events', 'waitlist_entries']) {
  t.test(`blocks are shown to nobody from whom policies hide ${table}`, async (t) => {
    const database = await createTestDatabase(t, { template: 'empty' })
    const { pool } = database
    await migrate(pool, (name) => name < MIGRATION)
    const { identifier, url } = await createRole(t, database)
    await pool.query(`
      GRANT SELECT ON events, waitlist_entries TO ${identifier};
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`)
    await migrate(pool, (name) => name >= MIGRATION)
    await t.rejects(execute(url, 'SELECT FROM waitlist_blocks'), { code: '42501' })
  })
}

/** How often a session without settings of its own reads all blocks while one joins, by the tenth time. */
async function scansOf(t: Test, database: TestDatabase): Promise<unknown> {
  const session = await openSession(t, database)
  for (let n = 1; n < 10; n += 1) {
    await session.query(`INSERT INTO waitlist_entries (event_id, user_id) VALUES (3, 'user ${n}')`)
  }
  const scans = `SELECT seq_scan::int AS scans FROM pg_stat_xact_user_tables WHERE relname = 'waitlist_blocks'`
  const [before] = await session.query(scans)
  await session.query(`INSERT INTO waitlist_entries (event_id, user_id) VALUES (3, 'user 10')`)
  const [after] = await session.query(scans)
  await session.rollback()
  return (after as { scans: number }).scans - (before as { scans: number }).scans
}

t.test('who joins reads no other blocks, whatever the session is set to', async (t) => {
  const database = await createTestDatabase(t)
  await database.pool.query(GIVEN)
  t.equal(await scansOf(t, database), 0)
  await database.pool.query('ALTER FUNCTION count_waitlist_blocks() RESET enable_seqscan')
  t.not(await scansOf(t, database), 0, 'the control: without the setting of the function it would')
})
