import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'

interface Counter {
  taken: number
  counted: number
}

async function insertEvents(pool: pg.Pool, seats: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats)
     SELECT 'Event ' || position, seats FROM unnest($1::int[]) WITH ORDINALITY AS event (seats, position)
     ORDER BY position
     RETURNING id`,
    [seats],
  )
  return rows.map((row) => row.id)
}

async function insertBookings(pool: pg.Pool, eventId: number, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO bookings (event_id, user_id) SELECT $1, 'user' || n FROM generate_series(1, $2::int) AS n`,
    [eventId, count],
  )
}

async function readCounters(pool: pg.Pool): Promise<Counter[]> {
  const { rows } = await pool.query<Counter>(
    `SELECT taken, (SELECT COALESCE(sum(seats), 0)::int FROM bookings WHERE event_id = events.id) AS counted
     FROM events ORDER BY id`,
  )
  return rows
}

/** Three events of ten seats with four, two and no bookings; `statement` must leave these seats. */
async function checkCounters(t: Test, statement: string, expected: number[]): Promise<void> {
  const { pool } = await createTestDatabase(t)
  const [first = 0, second = 0] = await insertEvents(pool, [10, 10, 10])
  t.strictSame([first, second], [1, 2], 'statements may name the events by number')
  await insertBookings(pool, first, 4)
  await insertBookings(pool, second, 2)

  await pool.query(statement)

  const counters = await readCounters(pool)
  t.strictSame(
    counters.map((counter) => counter.taken),
    expected,
  )
  t.strictSame(
    counters.map((counter) => counter.counted),
    expected,
    'the counter agrees with the bookings',
  )
}

const statements: [name: string, statement: string, expected: number[]][] = [
  ['a single insert', `INSERT INTO bookings (event_id, user_id) VALUES (3, 'a')`, [4, 2, 1]],
  [
    'a bulk insert over many events',
    `INSERT INTO bookings (event_id, user_id)
     SELECT event_id, 'new' || n FROM generate_series(1, 3) AS event_id, generate_series(1, event_id) AS n`,
    [5, 4, 3],
  ],
  [
    'an insert of nothing',
    `INSERT INTO bookings (event_id, user_id) SELECT 1, 'a' WHERE false`,
    [4, 2, 0],
  ],
  [
    'ON CONFLICT DO NOTHING',
    `INSERT INTO bookings (event_id, user_id) VALUES (1, 'user1'), (1, 'new'), (2, 'user2')
     ON CONFLICT DO NOTHING`,
    [5, 2, 0],
  ],
  [
    'ON CONFLICT DO UPDATE that moves a booking',
    `INSERT INTO bookings (event_id, user_id) VALUES (1, 'user1'), (1, 'new')
     ON CONFLICT (event_id, user_id) DO UPDATE SET event_id = 3`,
    [4, 2, 1],
  ],
  ['a booking that moves', `UPDATE bookings SET event_id = 3 WHERE id = 1`, [3, 2, 1]],
  [
    'bookings that change places',
    `UPDATE bookings SET event_id = 3 - event_id, user_id = 'moved' || id`,
    [2, 4, 0],
  ],
  ['an update of another column', `UPDATE bookings SET user_id = 'u' || id`, [4, 2, 0]],
  ['an update of nothing', `UPDATE bookings SET event_id = 3 WHERE false`, [4, 2, 0]],
  [
    'a booking of several seats',
    `INSERT INTO bookings (event_id, user_id, seats) VALUES (3, 'a', 5), (3, 'b', 2)`,
    [4, 2, 7],
  ],
  ['a booking that grows', `UPDATE bookings SET seats = 6 WHERE id = 1`, [9, 2, 0]],
  [
    'bookings that grow and shrink at once',
    `UPDATE bookings SET seats = 3 WHERE id IN (1, 5);
     UPDATE bookings SET seats = CASE event_id WHEN 1 THEN 2 ELSE 4 END`,
    [8, 8, 0],
  ],
  [
    'a booking that moves and grows',
    `UPDATE bookings SET event_id = 3, seats = 5 WHERE id = 1`,
    [3, 2, 5],
  ],
  [
    'a delete of bookings of several seats',
    `UPDATE bookings SET seats = 2; DELETE FROM bookings WHERE id IN (1, 2, 5)`,
    [4, 2, 0],
  ],
  ['a hold', `UPDATE bookings SET status = 'held', expires_at = now()`, [4, 2, 0]],
  ['a single delete', `DELETE FROM bookings WHERE id = 1`, [3, 2, 0]],
  ['a delete of all bookings', `DELETE FROM bookings`, [0, 0, 0]],
  ['TRUNCATE', `TRUNCATE bookings`, [0, 0, 0]],
  ['an event that goes with its bookings', `DELETE FROM events WHERE id = 1`, [2, 0]],
  ['all events that go with their bookings', `DELETE FROM events`, []],
  ['TRUNCATE of both tables', `TRUNCATE events CASCADE`, []],
  [
    "the predecessor's clean-up, then one more booking",
    `DELETE FROM bookings; DELETE FROM events; INSERT INTO events (name, total_seats) VALUES ('a', 1);
     INSERT INTO bookings (event_id, user_id) SELECT id, 'a' FROM events`,
    [1],
  ],
  [
    'a statement with several kinds of change',
    `WITH gone AS (DELETE FROM bookings WHERE event_id = 1 RETURNING user_id)
     INSERT INTO bookings (event_id, user_id) SELECT 3, user_id FROM gone`,
    [0, 2, 4],
  ],
  [
    'a change that is rolled back',
    `BEGIN; DELETE FROM bookings; SAVEPOINT before; TRUNCATE bookings; ROLLBACK TO before; ROLLBACK`,
    [4, 2, 0],
  ],
]

for (const [name, statement, expected] of statements) {
  void t.test(`the counter is right after ${name}`, (t) => checkCounters(t, statement, expected))
}

void t.test('the counter is right after MERGE and with an odd search_path', async (t) => {
  const { pool } = await createTestDatabase(t)
  await insertEvents(pool, [10, 10])
  const { rows } = await pool.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  )

  await pool.query(`
    SET search_path = pg_catalog;
    CREATE TEMPORARY TABLE events (id INT, taken INT);
    INSERT INTO public.bookings (event_id, user_id) VALUES (1, 'a'), (2, 'b');
    DROP TABLE pg_temp.events;
    RESET search_path;`)
  t.strictSame(await readCounters(pool), [
    { taken: 1, counted: 1 },
    { taken: 1, counted: 1 },
  ])

  if ((rows[0]?.version ?? 0) < 150_000) return
  await pool.query(`
    MERGE INTO bookings
    USING (VALUES (1, 'a'), (1, 'c'), (2, 'b')) AS source (event_id, user_id)
    ON bookings.event_id = source.event_id AND bookings.user_id = source.user_id
    WHEN MATCHED AND source.user_id = 'a' THEN DELETE
    WHEN MATCHED THEN UPDATE SET event_id = 1
    WHEN NOT MATCHED THEN INSERT (event_id, user_id) VALUES (source.event_id, source.user_id)`)
  t.strictSame(await readCounters(pool), [
    { taken: 2, counted: 2 },
    { taken: 0, counted: 0 },
  ])
})

const oversold = { code: '23514', constraint: 'events_taken_check' }

void t.test('overselling fails, whoever writes', async (t) => {
  const { pool } = await createTestDatabase(t)
  const [eventId = 0, other = 0] = await insertEvents(pool, [2, 1])
  await insertBookings(pool, eventId, 2)
  await insertBookings(pool, other, 1)

  const insert = `INSERT INTO bookings (event_id, user_id) VALUES ($1, 'late')`
  await t.rejects(pool.query(insert, [eventId]), oversold, 'one booking more')
  const move = `UPDATE bookings SET event_id = 1, user_id = 'moved' WHERE event_id = 2`
  await t.rejects(pool.query(move), oversold, 'a move')
  const grow = `UPDATE bookings SET seats = 2 WHERE event_id = 2`
  await t.rejects(pool.query(grow), oversold, 'a booking that grows')
  const large = `INSERT INTO bookings (event_id, user_id, seats) VALUES (1, 'large', 3)`
  await t.rejects(pool.query(`DELETE FROM bookings WHERE event_id = 1; ${large}`), oversold)
  await t.rejects(pool.query(`UPDATE events SET total_seats = 1`), oversold, 'fewer seats')
  t.strictSame(await readCounters(pool), [
    { taken: 2, counted: 2 },
    { taken: 1, counted: 1 },
  ])
})

void t.test('many sessions at once get exactly the seats there are', async (t) => {
  const { pool } = await createTestDatabase(t)
  await insertEvents(pool, [50])

  const attempts = Array.from({ length: 200 }, (_, index) =>
    pool.query(`INSERT INTO bookings (event_id, user_id) VALUES (1, $1)`, [`user${index}`]),
  )
  const results = await Promise.allSettled(attempts)

  const failures = results.filter((result) => result.status === 'rejected')
  t.equal(failures.length, 150)
  for (const failure of failures) t.match(failure.reason, oversold)
  t.strictSame(await readCounters(pool), [{ taken: 50, counted: 50 }])
})

void t.test('statements that touch the same events in other orders do not deadlock', async (t) => {
  const { pool } = await createTestDatabase(t)
  const events = await insertEvents(pool, Array<number>(20).fill(1_000))

  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < 20; round++) {
      const order = writer % 2 === 0 ? 'ASC' : 'DESC'
      await pool.query(
        `INSERT INTO bookings (event_id, user_id)
         SELECT id, $1 FROM events ORDER BY id ${order}`,
        [`writer${writer} round${round}`],
      )
    }
  })
  await Promise.all(writers)

  t.strictSame(
    await readCounters(pool),
    events.map(() => ({ taken: 160, counted: 160 })),
  )
})
