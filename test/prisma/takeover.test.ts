import type pg from 'pg'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { prisma } from '../tools/prisma-cli.ts'

const firstMigration = '20240115000000_init'
const secondMigration = '20240115000100_count_taken_seats'

// The predecessor's own statements.
const predecessorTables = `
  CREATE TABLE events (
    id SERIAL PRIMARY KEY,
    name VARCHAR NOT NULL,
    total_seats INT NOT NULL CHECK (total_seats >= 0)
  );
  CREATE TABLE bookings (
    id SERIAL PRIMARY KEY,
    event_id INT NOT NULL REFERENCES events(id) ON DELETE CASCADE,
    user_id VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
    UNIQUE(event_id, user_id)
  );`

/** Everything that the catalog knows of the tables, free of numbers that differ by chance. */
async function describeTables(pool: pg.Pool): Promise<unknown[]> {
  const { rows } = await pool.query<Record<string, string>>(`
    SELECT 'column' AS kind, attrelid::regclass::text AS name, attname AS part,
      concat_ws(' ', attnum, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)) AS definition
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid IN ('events'::regclass, 'bookings'::regclass) AND attnum > 0
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid IN ('events'::regclass, 'bookings'::regclass)
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef
    FROM pg_indexes WHERE tablename IN ('events', 'bookings')
    UNION ALL
    SELECT 'sequence', pg_get_serial_sequence(relation, 'id'), relation, data_type::text
    FROM unnest(ARRAY['events', 'bookings']) AS relation
    JOIN pg_sequences ON schemaname || '.' || sequencename = pg_get_serial_sequence(relation, 'id')
    ORDER BY 1, 2, 3`)
  return rows
}

async function insertEvents(pool: pg.Pool): Promise<void> {
  await pool.query(predecessorTables)
  await pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('Concert', 3), ('Play', 2), ('Reading', 0);
    INSERT INTO bookings (event_id, user_id) VALUES (1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')`)
}

void t.test('a database of the predecessor is taken over with its data', async (t) => {
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  const migrated = await createTestDatabase(t)
  await insertEvents(pool)

  const resolved = await prisma(['migrate', 'resolve', '--applied', firstMigration], { url })
  t.equal(resolved.exitCode, 0, resolved.output)
  const deployed = await prisma(['migrate', 'deploy'], { url })
  t.equal(deployed.exitCode, 0, deployed.output)

  const { rows } = await pool.query(`SELECT id, taken FROM events ORDER BY id`)
  t.strictSame(rows, [
    { id: 1, taken: 2 },
    { id: 2, taken: 2 },
    { id: 3, taken: 0 },
  ])
  await t.rejects(pool.query(`INSERT INTO bookings (event_id, user_id) VALUES (2, 'c')`), {
    code: '23514',
  })
  t.strictSame(
    await describeTables(pool),
    await describeTables(migrated.pool),
    'it then equals a database that was migrated from the start',
  )
})

void t.test('an oversold database is refused, and can be repaired', async (t) => {
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  await insertEvents(pool)
  await pool.query(`UPDATE events SET total_seats = 1 WHERE name = 'Concert'`)
  await prisma(['migrate', 'resolve', '--applied', firstMigration], { url })

  const refused = await prisma(['migrate', 'deploy'], { url })
  t.equal(refused.exitCode, 1)
  t.match(refused.output, /P3018/)
  t.match(refused.output, 'event 1 (Concert) has 1 seats and 2 bookings')
  t.notMatch(refused.output, '(Play)')
  const { rows } = await pool.query(
    `SELECT FROM pg_attribute WHERE attrelid = 'events'::regclass AND attname = 'taken'`,
  )
  t.equal(rows.length, 0, 'nothing was changed')

  await pool.query(`UPDATE events SET total_seats = 2 WHERE name = 'Concert'`)
  await prisma(['migrate', 'resolve', '--rolled-back', secondMigration], { url })
  const deployed = await prisma(['migrate', 'deploy'], { url })
  t.equal(deployed.exitCode, 0, deployed.output)
})
