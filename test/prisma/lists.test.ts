import type pg from 'pg'
import t from 'tap'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { migrate } from '../helpers/migrations.ts'

const MIGRATION = '20261127000000_lists'

// The promise: a counter's update pays for no list. Where the page of the row is full, PostgreSQL puts
// the new version into every index of the table that its values belong in.

const PRIMARY_KEY = 'events_pkey'
/** What the foreign key of bookings refers to, which holds them to their event's tenant. */
const KEY_OF_TENANT = 'events_id_tenant_id_key'
/** Only what is deleted is in it: see the migration `bounded_work`. */
const OF_DELETED = 'events_deleted_at_idx'
const OF_CANCELLED = 'events_cancelled_idx'
const EVENTS = 500

t.test('a row that moves is put into the indexes of its keys alone', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url)
  const bytesOfIndexes = async (): Promise<Record<string, number>> => {
    const { rows } = await pool.query<{ name: string; bytes: number }>(
      `SELECT relname AS name, pg_relation_size(indexrelid) AS bytes
       FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = 'events'::regclass`,
    )
    return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes]))
  }

  // Full pages.
  await pool.query('ALTER TABLE events SET (fillfactor = 100)')
  await pool.query(
    `INSERT INTO events (name, total_seats, starts_at)
     SELECT 'Concert ' || n, 9, now() + interval '1 day' FROM generate_series(1, $1::int) AS n`,
    [EVENTS],
  )
  const before = await bytesOfIndexes()
  t.same(Object.keys(before).sort(), [OF_CANCELLED, OF_DELETED, KEY_OF_TENANT, PRIMARY_KEY])

  const placesOf = async () =>
    (
      await pool.query<{ page: string }>(
        `SELECT split_part(ctid::text, ',', 1) AS page FROM events ORDER BY id`,
      )
    ).rows.map(({ page }) => page)
  const places = await placesOf()
  await whileNothingIsDropped(pool, async () => {
    for (let id = 1; id <= EVENTS; id += 1) await reservations.execute(plainReserve(id, 'ann'))
  })
  const moved = (await placesOf()).filter((page, i) => page !== places[i])
  t.ok(moved.length > EVENTS / 2, `${moved.length} rows have moved to another page`)

  const after = await bytesOfIndexes()
  t.ok((after[PRIMARY_KEY] ?? 0) > (before[PRIMARY_KEY] ?? 0), 'the key knows their places')
  t.equal(after[OF_DELETED], before[OF_DELETED])
})

/** Somebody sees what was there before, so that no row makes room for another. */
async function whileNothingIsDropped(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await client.query('SELECT FROM events LIMIT 1')
    await work()
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

t.test('the migration lists the events that are there', async (t) => {
  const { pool } = await createTestDatabase(t, { template: 'empty' })
  await migrate(pool, (name) => name < MIGRATION)
  await pool.query(`
    INSERT INTO events (name, total_seats, starts_at, deleted_at) VALUES
      ('no start', 1, NULL, NULL), ('over', 1, '2020-01-01', NULL),
      ('to come', 1, now() + interval '1 day', NULL), ('deleted', 1, now() + interval '1 day', now())`)
  await migrate(pool, (name) => name >= MIGRATION)
  const { rows } = await pool.query(
    `SELECT l.name, is_upcoming, l.starts_at IS NOT DISTINCT FROM e.starts_at AS is_same
     FROM event_listings l JOIN events e ON e.id = event_id AND e.name = l.name ORDER BY event_id`,
  )
  t.same(rows, [
    { name: 'no start', is_upcoming: false, is_same: true },
    { name: 'over', is_upcoming: false, is_same: true },
    { name: 'to come', is_upcoming: true, is_same: true },
  ])
})
