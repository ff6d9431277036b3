import t from 'tap'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { passStarted } from '../../src/store/started.ts'
import { createLists, plainIds } from '../helpers/lists.ts'

// The promise: what is listed of an event is what its row says, but for what has started since.

/** The listings, as they have to be. */
const DUE = `SELECT id AS event_id, name, starts_at, COALESCE(starts_at > now(), false) AS is_upcoming
  FROM events WHERE deleted_at IS NULL`

t.test('what is listed follows the events, whoever writes', async (t) => {
  const { pool } = await createLists(t, async () => undefined)
  const rowsOf = async (sql: string) =>
    (await pool.query<{ event_id: number }>(`${sql} ORDER BY event_id`)).rows
  const listings = 'SELECT event_id, name, starts_at, is_upcoming FROM event_listings'
  const statements = [
    `INSERT INTO events (name, total_seats) VALUES ('a', 1)`,
    `INSERT INTO events (name, total_seats, starts_at)
     SELECT 'b' || n, 1, now() + (n - 2.5) * interval '1 day' FROM generate_series(1, 9) AS n`,
    `INSERT INTO events (name, total_seats, deleted_at) VALUES ('hidden', 1, now())`,
    `UPDATE events SET name = 'c' WHERE id > 3`,
    `UPDATE events SET starts_at = now() - interval '1 hour' WHERE id % 2 = 0`,
    `UPDATE events SET starts_at = now() + interval '1 hour' WHERE id = 1`,
    'UPDATE events SET starts_at = NULL WHERE id = 3',
    'UPDATE events SET deleted_at = now() WHERE id IN (5, 6)',
    `UPDATE events SET name = 'd' WHERE id = 5`,
    'UPDATE events SET deleted_at = NULL WHERE id = 5',
    `UPDATE events SET id = 99, name = 'e' WHERE id = 7`,
    'DELETE FROM events WHERE id IN (6, 8)',
    `INSERT INTO events (id, name, total_seats) VALUES (99, 'f', 1)
     ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name`,
    'DELETE FROM bookings; DELETE FROM events',
    `INSERT INTO events (name, total_seats) VALUES ('g', 1)`,
  ]
  for (const statement of statements) {
    await pool.query(statement)
    t.same(await rowsOf(listings), await rowsOf(DUE), statement)
  }
  await pool.query('TRUNCATE events CASCADE')
  t.same(await rowsOf(listings), [], 'TRUNCATE')
})

t.test('who may only write events need not know of what is listed', async (t) => {
  const { pool } = await createLists(t, async () => undefined)
  const role = `writer_${String(process.pid)}`
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`CREATE ROLE ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON events TO ${role};
      GRANT USAGE ON SEQUENCE events_id_seq TO ${role}; SET LOCAL ROLE ${role}`)
    await client.query(`INSERT INTO events (name, total_seats) VALUES ('a', 1), ('b', 1)`)
    await client.query(`UPDATE events SET name = 'c' WHERE name = 'a'`)
    await client.query(`DELETE FROM events WHERE name = 'b'`)
    await client.query('RESET ROLE')
    t.same((await client.query('SELECT name FROM event_listings')).rows, [{ name: 'c' }])
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
})

t.test(
  'what has started is passed while its event is locked, not while its listing is',
  async (t) => {
    const { pool, prisma } = await createLists(t, async () => undefined)
    await pool.query(
      `INSERT INTO events (name, total_seats, starts_at)
     SELECT 'E' || n, 1, now() - interval '1 hour' FROM generate_series(1, 3) AS n`,
    )
    await pool.query('UPDATE event_listings SET is_upcoming = true')
    const left = async () =>
      plainIds(prisma, 'events JOIN event_listings ON event_id = id', ['is_upcoming'], 'id', [])
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('SELECT FROM events WHERE id = 1 FOR UPDATE')
      await client.query('SELECT FROM event_listings WHERE event_id = 2 FOR UPDATE')
      t.same(await passStarted(prisma), { isDone: true })
      t.same(await left(), [2])
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
    await passStarted(prisma)
    t.same(await left(), [])
  },
)

t.test('what has started is found without a look at what has not', async (t) => {
  const { pool, prisma } = await createLists(t, async (pool) => {
    await pool.query(
      `INSERT INTO events (tenant_id, name, total_seats, starts_at)
       SELECT 'tenant ' || n % 500, 'E' || n, 1, now() + n * interval '1 hour'
       FROM generate_series(1, 20000) AS n`,
    )
  })
  await pool.query('VACUUM ANALYZE event_listings')
  const sent: string[] = []
  await passStarted({
    $queryRaw: prisma.$queryRaw.bind(prisma),
    $executeRaw: (query, ...values) => {
      const { sql } = 'raw' in query ? Prisma.sql(query, ...values) : query
      sent.push(sql.replace('?', '500'))
      return prisma.$executeRaw(query, ...values)
    },
  })
  const pagesOf = async (): Promise<number> => {
    const client = await pool.connect()
    try {
      await client.query('SET enable_seqscan = off')
      const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sent.join(';')}`
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
        explain,
      )
      const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {}
      return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
    } finally {
      client.release(true)
    }
  }
  const pages = await pagesOf()
  t.ok(pages > 0 && pages < 20, `${pages} pages`)
  // The control.
  await pool.query('DROP INDEX event_listings_starts_at_upcoming_idx')
  t.ok((await pagesOf()) > 50, 'without its index')
})
