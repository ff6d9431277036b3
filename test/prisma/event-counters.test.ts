import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { projectDir } from '../helpers/run-state.ts'

// What is counted on an event's row is right whoever writes: held seats, and who waits. What the
// seats taken come to is tested in seat-counter.test.ts.

/** Two events, with confirmed and held bookings, and with lines. */
const GIVEN = `
  INSERT INTO events (name, total_seats) VALUES ('One', 100), ('Two', 100);
  INSERT INTO bookings (event_id, user_id, seats, status, expires_at) VALUES
    (1, 'ann', 2, 'held', now() + interval '1 hour'), (1, 'bob', 1, 'confirmed', NULL),
    (1, 'cid', 3, 'held', now() - interval '1 hour'), (2, 'ann', 4, 'held', now());
  INSERT INTO waitlist_entries (event_id, user_id, seats) VALUES
    (1, 'dee', 1), (1, 'eve', 2), (2, 'dee', 1)`

interface Counts {
  held: number
  waiting: number
  counted_held: number
  counted_waiting: number
}

async function countsOf(pool: pg.Pool): Promise<Counts[]> {
  const { rows } = await pool.query<Counts>(`
    SELECT held, waiting,
      (SELECT COALESCE(sum(seats), 0)::int FROM bookings
        WHERE event_id = e.id AND status = 'held') AS counted_held,
      (SELECT count(*)::int FROM waitlist_entries WHERE event_id = e.id) AS counted_waiting
    FROM events e ORDER BY id`)
  return rows
}

const STATEMENTS: readonly (readonly [name: string, statement: string, expected: number[][]])[] = [
  ['nothing', `SELECT 1`, [[5, 2], [4, 1]]], // prettier-ignore
  ['a confirmation', `UPDATE bookings SET status = 'confirmed', expires_at = NULL WHERE user_id = 'ann'`, [[3, 2], [0, 1]]], // prettier-ignore
  ['a hold again', `UPDATE bookings SET status = 'held', expires_at = now() WHERE user_id = 'bob'`, [[6, 2], [4, 1]]], // prettier-ignore
  ['holds that grow', `UPDATE bookings SET seats = seats + 1`, [[7, 2], [5, 1]]], // prettier-ignore
  ['a hold that moves', `UPDATE bookings SET event_id = 2 WHERE user_id = 'cid'`, [[2, 2], [7, 1]]], // prettier-ignore
  ['all holds gone', `DELETE FROM bookings WHERE status = 'held'`, [[0, 2], [0, 1]]], // prettier-ignore
  ['no bookings', `TRUNCATE bookings`, [[0, 2], [0, 1]]], // prettier-ignore
  ['a longer line', `INSERT INTO waitlist_entries (event_id, user_id) SELECT 1, 'n' || n FROM generate_series(1, 9) AS n`, [[5, 11], [4, 1]]], // prettier-ignore
  ['a shorter line', `DELETE FROM waitlist_entries WHERE user_id = 'dee'`, [[5, 1], [4, 0]]], // prettier-ignore
  ['lines that move', `UPDATE waitlist_entries SET event_id = 2 WHERE user_id = 'eve'`, [[5, 1], [4, 2]]], // prettier-ignore
  ['no lines', `TRUNCATE waitlist_entries`, [[5, 0], [4, 0]]], // prettier-ignore
  ['no event', `DELETE FROM events WHERE id = 1`, [[4, 1]]], // prettier-ignore
]

for (const [name, statement, expected] of STATEMENTS) {
  t.test(`after ${name} the counters are right`, async (t) => {
    const { pool } = await createTestDatabase(t)
    await pool.query(GIVEN)
    await pool.query(statement)
    const counts = await countsOf(pool)
    t.strictSame(
      counts.map(({ held, waiting }) => [held, waiting]),
      expected,
    )
    for (const { held, waiting, ...counted } of counts) {
      t.strictSame([held, waiting], [counted.counted_held, counted.counted_waiting])
    }
  })
}

t.test('a place in line that changes by hand leaves a new version of its event', async (t) => {
  const { pool } = await createTestDatabase(t)
  await pool.query(GIVEN)
  const version = async (): Promise<unknown> =>
    (await pool.query('SELECT ctid::text FROM events WHERE id = 1')).rows[0]
  const before = await version()
  await pool.query(`UPDATE waitlist_entries SET seats = 3 WHERE user_id = 'eve'`)
  t.notSame(await version(), before)
})

t.test('the migration counts what there is, and keeps ids, histories and keys', async (t) => {
  const { pool } = await createTestDatabase(t, { template: 'empty' })
  const migrations = await migrationsUpTo('20261125000000_bounded_work')
  const last = migrations.pop() ?? ''
  for (const sql of migrations) await pool.query(sql)
  await pool.query(GIVEN)
  await pool.query(`
    INSERT INTO event_history VALUES (1, 1, 2, now(), '[{"type":"event_created"},{"type":"held"}]');
    INSERT INTO event_history SELECT 2, 5, 1204, now(),
      jsonb_agg(jsonb_build_object('type', 'expired', 'booking_id', n) ORDER BY n)
      FROM generate_series(1, 1200) AS n;
    INSERT INTO idempotency_keys (key, fingerprint, response) VALUES ('k', 'f', '{"status":204}')`)
  const before = await pool.query('SELECT id, event_id, user_id FROM bookings ORDER BY id')

  await pool.query(last)

  const counts = await countsOf(pool)
  t.strictSame(
    counts.map(({ held, waiting }) => [held, waiting]),
    [
      [5, 2],
      [4, 1],
    ],
  )
  const after = await pool.query('SELECT id, event_id, user_id FROM bookings ORDER BY id')
  t.strictSame(after.rows, before.rows)
  const { rows } = await pool.query(
    'SELECT last_sequence, changes FROM event_history WHERE event_id = 1',
  )
  t.strictSame(rows, [{ last_sequence: 2, changes: [{ type: 'event_created' }, { type: 'held' }] }])
  const { rows: long } = await pool.query(`
    SELECT first_sequence AS first, last_sequence AS last,
      (changes->0->>'booking_id')::int AS "from", (changes->-1->>'booking_id')::int AS "to"
    FROM event_history WHERE event_id = 2 ORDER BY first_sequence`)
  t.strictSame(
    long,
    [
      { first: 5, last: 504, from: 1, to: 500 },
      { first: 505, last: 1004, from: 501, to: 1000 },
      { first: 1005, last: 1204, from: 1001, to: 1200 },
    ],
    'a long row is parted, in order',
  )
  await pool.query(`SELECT setval('bookings_id_seq', 2147483647)`)
  const { rows: made } = await pool.query<{ id: number }>(
    `INSERT INTO bookings (event_id, user_id) VALUES (1, 'zoe') RETURNING id`,
  )
  t.equal(made[0]?.id, 2_147_483_648, 'ids do not end at 32 bits')
  for (const id of ['0', '-1', '9007199254740992']) {
    for (const table of ['bookings', 'waitlist_entries']) {
      const insert = `INSERT INTO ${table} (id, event_id, user_id) VALUES (${id}, 1, 'odd')`
      await t.rejects(pool.query(insert), { code: '23514' }, `${table} has no id ${id}`)
    }
  }
})

async function migrationsUpTo(last: string): Promise<string[]> {
  const folder = join(projectDir, 'prisma/migrations')
  const names = (await readdir(folder)).filter((name) => /^\d/.test(name) && name <= last).sort()
  return Promise.all(names.map((name) => readFile(join(folder, name, 'migration.sql'), 'utf8')))
}
