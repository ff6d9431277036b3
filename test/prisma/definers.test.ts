import pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { migrate } from '../helpers/migrations.ts'
import { createRole, type TestRole } from '../helpers/roles.ts'
import { execute } from '../helpers/sql.ts'
import { blocksOf, DIFFERENCES, GIVEN, OF_ONE, OF_TWO } from '../helpers/waitlist-blocks.ts'

// Whoever lacks the rights of its owner can't turn what runs with them to ends of their own.

const RIGHTS = '20261128000100_rights'

/** A trigger on a table of one's own, and a row that has it fire. */
const forgery = (columns: string, trigger: string, row: string): string => `DO $$ BEGIN
  CREATE TEMPORARY TABLE forged (${columns});
  CREATE TRIGGER forge AFTER ${trigger};
  INSERT INTO forged VALUES (${row});
  TRUNCATE forged;
END $$`

/** A listing's name is who runs the trigger then: a cast of one's own is code of one's own. */
const DISGUISE = `
  CREATE TYPE disguise AS (is_worn BOOLEAN);
  CREATE FUNCTION who_runs(disguise) RETURNS VARCHAR LANGUAGE sql AS 'SELECT current_user::varchar';
  CREATE CAST (disguise AS VARCHAR) WITH FUNCTION who_runs(disguise) AS ASSIGNMENT`
const COLUMNS = `id INT, name public.disguise, starts_at TIMESTAMPTZ, deleted_at TIMESTAMPTZ,
  tenant_id VARCHAR DEFAULT 'default'`
const OF_CHANGED = forgery(
  COLUMNS,
  'INSERT ON forged FOR EACH ROW EXECUTE FUNCTION public.relist_event()',
  '1, ROW(true)',
)
const OF_NEW = forgery(
  COLUMNS,
  `INSERT ON forged REFERENCING NEW TABLE AS new_events
   FOR EACH STATEMENT EXECUTE FUNCTION public.list_events()`,
  '2, ROW(true)',
)

const OF_BLOCKS = forgery(
  'event_id INT, id BIGINT',
  `INSERT ON forged REFERENCING NEW TABLE AS new_entries
   FOR EACH STATEMENT EXECUTE FUNCTION public.count_waitlist_blocks()`,
  '2, 10',
)
const OF_NO_BLOCKS = forgery(
  'event_id INT, id BIGINT',
  'TRUNCATE ON forged FOR EACH STATEMENT EXECUTE FUNCTION public.reset_waitlist_blocks()',
  '2, 10',
)

/** A tenant is who runs the trigger then. */
const OF_MOVED = `DO $$ BEGIN
  CREATE TEMPORARY TABLE forged (id INT, tenant_id public.disguise);
  CREATE TRIGGER forge AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION public.move_history();
  INSERT INTO forged VALUES (1, ROW(true));
END $$`

/** A database as it was before, with an event, and a role that has what it takes to attack. */
async function createAttacked(t: Test): Promise<{ database: TestDatabase; role: TestRole }> {
  const database = await createTestDatabase(t, { template: 'empty' })
  const { pool } = database
  await migrate(pool, (name) => name < RIGHTS)
  await pool.query(`INSERT INTO events (name, total_seats) VALUES ('Concert', 1)`)
  const role = await createRole(t, database)
  await pool.query(`GRANT CREATE ON SCHEMA public TO ${role.identifier}`)
  await execute(role.url, DISGUISE)
  return { database, role }
}

async function namesIn(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM event_listings ORDER BY 1')
  return rows.map(({ name }) => name)
}

/** Whose the history is. */
async function tenantsIn(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT DISTINCT tenant_id AS name FROM event_history ORDER BY 1',
  )
  return rows.map(({ name }) => name)
}

const SOME_HISTORY = `
  INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
  VALUES (1, 1, 1, now(), '[{}]'), (2, 1, 1, now(), '[{}]')`

async function currentUser(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ name: string }>('SELECT current_user::text AS name')
  return rows[0]?.name ?? ''
}

t.test('nobody may execute what runs with the rights of its owner', async (t) => {
  const database = await createTestDatabase(t)
  const role = await createRole(t, database)
  const { rows } = await database.pool.query<{ name: string; may: boolean }>(
    `SELECT proname AS name, has_function_privilege($1, oid, 'EXECUTE') AS may FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace AND prosecdef`,
    [role.name],
  )
  t.ok(rows.some(({ name }) => name === 'turn_over'))
  t.same(
    rows.filter(({ may }) => may),
    [],
  )
})

t.test('who has no rights can have nothing done with those of the owner', async (t) => {
  const { database, role } = await createAttacked(t)
  const { pool } = database
  t.same(await execute(role.url, `SELECT turn_over('expired_holds')`), [{ turn_over: 'empty' }])
  await execute(role.url, OF_CHANGED)
  t.same(await namesIn(pool), [await currentUser(pool)], 'it could before')

  await migrate(pool, (name) => name >= RIGHTS)
  for (const sql of [`SELECT turn_over('expired_holds')`, OF_CHANGED, OF_NEW]) {
    await t.rejects(execute(role.url, sql), { code: '42501' }, sql)
  }
  await pool.query(`UPDATE events SET name = 'Opera'`)
  t.same(await namesIn(pool), ['Opera'], 'the triggers of events fire as they did')
})

t.test('who has no rights can not forge what is counted of a line', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const { identifier, url } = await createRole(t, database)
  await pool.query(GIVEN)
  for (const sql of [OF_BLOCKS, OF_NO_BLOCKS]) {
    await t.rejects(execute(url, sql), { code: '42501' }, sql)
  }
  t.same(await blocksOf(pool), [...OF_ONE, ...OF_TWO])

  await pool.query(`
    GRANT EXECUTE ON FUNCTION count_waitlist_blocks(), reset_waitlist_blocks() TO ${identifier}`)
  await execute(url, OF_BLOCKS)
  t.same((await blocksOf(pool)).at(-1), [2, 16384, 0, 8], 'the control: with a grant it could')
  await execute(url, OF_NO_BLOCKS)
  t.same(await blocksOf(pool), [], 'and take them all')
})

t.test(
  'where another role migrates, the owner of a table has code run as itself only',
  async (t) => {
    const { database, role: owner } = await createAttacked(t)
    const { pool } = database
    await pool.query(`
    ALTER TABLE events OWNER TO ${owner.identifier};
    ALTER TABLE waitlist_entries OWNER TO ${owner.identifier}`)
    await execute(owner.url, OF_CHANGED)
    t.same(
      await namesIn(pool),
      [await currentUser(pool)],
      'it could have it run as the other before',
    )

    await migrate(pool, (name) => name >= RIGHTS)
    await pool.query(`INSERT INTO events (name, total_seats) VALUES ('Two', 1)`)
    await pool.query('DELETE FROM event_listings WHERE event_id = 2')
    await execute(owner.url, OF_CHANGED)
    await execute(owner.url, OF_NEW)
    t.same(await namesIn(pool), [owner.name, owner.name])

    const { rows } = await pool.query(
      `SELECT DISTINCT proname::text AS name FROM pg_proc
     WHERE prosecdef AND pronamespace = 'public'::regnamespace AND proowner <> $1::regrole ORDER BY 1`,
      [owner.identifier],
    )
    t.same(rows, [{ name: 'turn_over' }], 'whose tables are of who migrates')
  },
)

t.test(
  'where another role migrates, the triggers do their work as the owner of the table',
  async (t) => {
    const { database, role: owner } = await createAttacked(t)
    const { pool } = database
    await pool.query(`
    ALTER TABLE events OWNER TO ${owner.identifier};
    ALTER TABLE waitlist_entries OWNER TO ${owner.identifier}`)
    await migrate(pool, (name) => name >= RIGHTS)
    await pool.query('DELETE FROM events')
    await pool.query('ALTER SEQUENCE events_id_seq RESTART')
    await pool.query(GIVEN)
    await pool.query(`UPDATE events SET name = 'Opera' WHERE id = 1`)
    await pool.query('UPDATE events SET deleted_at = now() WHERE id = 3')
    t.same(await namesIn(pool), ['Opera', 'Two'])
    t.same(await blocksOf(pool), [...OF_ONE, ...OF_TWO])
    await pool.query('DELETE FROM waitlist_entries WHERE id < 512')
    t.same((await pool.query(DIFFERENCES)).rows, [])
    await pool.query('TRUNCATE waitlist_entries')
    t.same(await blocksOf(pool), [])
  },
)

t.test('a history goes with its event, and goes nowhere for others', async (t) => {
  const { database, role } = await createAttacked(t)
  const { pool } = database
  await migrate(pool, (name) => name >= RIGHTS)
  await pool.query(SOME_HISTORY)
  await t.rejects(execute(role.url, OF_MOVED), { code: '42501' })
  await pool.query(`GRANT EXECUTE ON FUNCTION move_history() TO ${role.identifier}`)
  await execute(role.url, OF_MOVED)
  t.same(
    await tenantsIn(pool),
    ['default', await currentUser(pool)].sort(),
    'the control: with a grant it would be forged, as the owner of events',
  )
})

t.test('where another role migrates, a history moves as the owner of events', async (t) => {
  const { database, role: owner } = await createAttacked(t)
  const { pool } = database
  await pool.query(`ALTER TABLE events OWNER TO ${owner.identifier}`)
  await migrate(pool, (name) => name >= RIGHTS)
  await pool.query(SOME_HISTORY)
  await execute(owner.url, OF_MOVED)
  t.same(await tenantsIn(pool), ['default', owner.name].sort(), 'as itself, and no more')
  await execute(owner.url, `UPDATE events SET tenant_id = 'acme' WHERE id = 1`)
  t.same(await tenantsIn(pool), ['acme', 'default'], 'and the trigger does its work')
})

t.test('who migrates need not be a superuser', async (t) => {
  const database = await createTestDatabase(t, { template: 'empty' })
  const role = await createRole(t, database)
  await database.pool.query(`GRANT CREATE ON SCHEMA public TO ${role.identifier}`)
  const pool = new pg.Pool({ connectionString: role.url })
  t.teardown(() => pool.end())
  await migrate(pool, () => true)
  await pool.query(GIVEN)
  t.same(await namesIn(pool), ['One', 'Three', 'Two'])
  t.same((await pool.query(DIFFERENCES)).rows, [])
})
