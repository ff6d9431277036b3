import t, { type Test } from 'tap'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { prisma } from '../tools/prisma-cli.ts'

const MIGRATION = '20261126000000_times_in_range'

const CHECKED = [
  { table: 'events', column: 'starts_at' },
  { table: 'events', column: 'sales_start_at' },
  { table: 'events', column: 'sales_end_at' },
  { table: 'bookings', column: 'expires_at' },
  { table: 'waitlist_entries', column: 'created_at' },
  { table: 'event_history', column: 'at' },
]
const WILD = ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '10000-01-01 00:00:00+00']
const SHOWABLE = ['0001-01-01 00:00:00+00', '9999-12-31 23:59:59.999999+00']

/** A database as it was before this migration, with a row in each table. */
async function createFormer(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const { pool } = database
  for (const { table, column } of CHECKED) {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'
         AND pg_get_constraintdef(oid) LIKE '%' || $2 || '%10000%'`,
      [table, column],
    )
    for (const { name } of rows) await pool.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
    t.equal(rows.length, 1, `${table}.${column} has its CHECK`)
  }
  await pool.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [MIGRATION])
  await pool.query(`
    INSERT INTO events (id, name, total_seats) VALUES (7, 'Concert', 10);
    INSERT INTO bookings (id, event_id, user_id, status, expires_at) VALUES (7, 7, 'ann', 'held', now());
    INSERT INTO waitlist_entries (id, event_id, user_id) VALUES (7, 7, 'ben');
    INSERT INTO event_history VALUES (7, 1, 3, now(), '[{}, {}, {}]'), (7, 4, 4, now(), '[{}]')`)
  return database
}

t.test('times that can be shown pass, and no others come in after it', async (t) => {
  const { pool, url } = await createFormer(t)
  for (const time of SHOWABLE) {
    for (const { table, column } of CHECKED) {
      await pool.query(`UPDATE ${table} SET ${column} = $1`, [time])
      await pool.query('UPDATE events SET sales_start_at = NULL, sales_end_at = NULL')
    }
  }
  // The predecessor's own column may hold anything.
  await pool.query(`UPDATE bookings SET created_at = '-infinity'`)
  const deployed = await prisma(['migrate', 'deploy'], { url })
  t.equal(deployed.exitCode, 0, deployed.output)
  for (const { table, column } of CHECKED) {
    for (const time of WILD) {
      const write = pool.query(`UPDATE ${table} SET ${column} = $1`, [time])
      await t.rejects(write, { code: '23514' }, `${table}.${column} = ${time}`)
    }
  }
})

t.test('rows that break it are named, nothing is changed, and the deploy can go on', async (t) => {
  const { pool, url } = await createFormer(t)
  for (const [i, { table, column }] of CHECKED.entries()) {
    await pool.query(`UPDATE ${table} SET ${column} = $1`, [WILD[i % WILD.length]])
    await pool.query('UPDATE events SET sales_start_at = NULL WHERE sales_end_at IS NOT NULL')
  }
  await pool.query(`UPDATE events SET sales_start_at = '-infinity', sales_end_at = 'infinity'`)

  const refused = await prisma(['migrate', 'deploy'], { url })
  t.equal(refused.exitCode, 1)
  t.match(refused.output, 'Some times are outside of the years 1 to 9999')
  for (const { table, column } of CHECKED) t.match(refused.output, `${table}.${column} where`)
  t.match(refused.output, 'events.sales_start_at where id is 7; ')
  t.match(refused.output, 'event_history.at where (event_id, first_sequence) is (7,1), (7,4)')
  t.match(refused.output, `--rolled-back ${MIGRATION}`)
  // Later migrations have checks of their own.
  const { rows } = await pool.query(
    `SELECT FROM pg_constraint
     WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%10000%'
       AND conrelid = ANY ($1::text[]::regclass[])
       AND pg_get_constraintdef(oid) !~ 'cancel_until|waitlist_closes_at'`,
    [CHECKED.map(({ table }) => table)],
  )
  t.equal(rows.length, 0, 'nothing was changed')

  await pool.query('UPDATE events SET starts_at = NULL, sales_start_at = NULL, sales_end_at = NULL')
  await pool.query('UPDATE bookings SET expires_at = now()')
  await pool.query('UPDATE waitlist_entries SET created_at = now()')
  await pool.query('UPDATE event_history SET at = now()')
  const resolved = await prisma(['migrate', 'resolve', '--rolled-back', MIGRATION], { url })
  t.equal(resolved.exitCode, 0, resolved.output)
  const deployed = await prisma(['migrate', 'deploy'], { url })
  t.equal(deployed.exitCode, 0, deployed.output)
})
