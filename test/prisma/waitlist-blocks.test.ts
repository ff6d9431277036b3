import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { blocksOf, DIFFERENCES, GIVEN, OF_ONE, OF_TWO } from '../helpers/waitlist-blocks.ts'

// What is counted of the blocks of a line is right whoever writes.

const STATEMENTS: readonly (readonly [name: string, statement: string, expected: number[][]])[] = [
  ['nothing', 'SELECT 1', [...OF_ONE, ...OF_TWO]],
  ['a change that moves nobody', 'UPDATE waitlist_entries SET seats = 2', [...OF_ONE, ...OF_TWO]],
  [
    'some who join',
    `INSERT INTO waitlist_entries (event_id, user_id) SELECT 3, 'n' || n FROM generate_series(1, 1000) AS n`,
    [...OF_ONE, ...OF_TWO, [3, 512, 78, 447], [3, 512, 79, 512], [3, 512, 80, 41], [3, 16384, 2, 1000]],
  ], // prettier-ignore
  [
    'one who joins where others are',
    `INSERT INTO waitlist_entries (id, event_id, user_id) VALUES (10, 2, 'new')`,
    [...OF_ONE, [2, 512, 0, 8], [2, 16384, 0, 8]],
  ],
  [
    'rows that are copied',
    `COPY waitlist_entries (id, event_id, user_id) FROM PROGRAM 'echo 10,2,new' (FORMAT csv)`,
    [...OF_ONE, [2, 512, 0, 8], [2, 16384, 0, 8]],
  ],
  [
    'rows of which some are there already',
    `INSERT INTO waitlist_entries (id, event_id, user_id) VALUES (3, 1, 'moved'), (10, 2, 'new'), (11, 2, 'newer')
     ON CONFLICT (id) DO UPDATE SET event_id = EXCLUDED.event_id`,
    [[1, 512, 0, 4], ...OF_ONE.slice(1, 5), [1, 16384, 0, 7], ...OF_ONE.slice(6), [2, 512, 0, 8], [2, 16384, 0, 8]],
  ], // prettier-ignore
  [
    'a merge that removes, moves and adds',
    `MERGE INTO waitlist_entries AS w
     USING (VALUES (1, 1), (2, 1), (3, 1), (10, 2), (11, 2)) AS given (id, event_id) ON w.id = given.id
     WHEN MATCHED AND w.event_id = 1 THEN DELETE
     WHEN MATCHED THEN UPDATE SET event_id = given.event_id
     WHEN NOT MATCHED THEN INSERT (id, event_id, user_id) VALUES (given.id, given.event_id, 'new ' || given.id)`,
    [[1, 512, 0, 2], ...OF_ONE.slice(1, 5), [1, 16384, 0, 5], ...OF_ONE.slice(6), [2, 512, 0, 8], [2, 16384, 0, 8]],
  ], // prettier-ignore
  ['a line that ends', 'DELETE FROM waitlist_entries WHERE event_id = 1', OF_TWO],
  [
    'some of both lines who leave',
    'DELETE FROM waitlist_entries WHERE id IN (2, 3, 512, 513, 16384)',
    [
      [1, 512, 0, 2], [1, 512, 31, 1], [1, 512, 78, 1], [1, 16384, 0, 3], [1, 16384, 2, 1],
      [2, 512, 0, 6], [2, 16384, 0, 6],
    ],
  ], // prettier-ignore
  [
    'some who get into another line',
    'UPDATE waitlist_entries SET event_id = 2 WHERE event_id = 1 AND id > 2',
    [
      [1, 512, 0, 2], [1, 16384, 0, 2],
      [2, 512, 0, 8], [2, 512, 1, 2], [2, 512, 31, 1], [2, 512, 32, 1], [2, 512, 78, 1],
      [2, 16384, 0, 11], [2, 16384, 1, 1], [2, 16384, 2, 1],
    ],
  ], // prettier-ignore
  [
    'lines that change places',
    'UPDATE waitlist_entries SET event_id = 3 - event_id',
    [...OF_TWO.map((row) => row.with(0, 1)), ...OF_ONE.map((row) => row.with(0, 2))],
  ],
  [
    'an id that is changed',
    'UPDATE waitlist_entries SET id = 600 WHERE id = 511',
    [[1, 512, 0, 2], [1, 512, 1, 3], ...OF_ONE.slice(2), ...OF_TWO],
  ],
  [
    'one statement that removes and adds',
    `WITH gone AS (DELETE FROM waitlist_entries WHERE id IN (1, 2, 40000))
     INSERT INTO waitlist_entries (id, event_id, user_id) VALUES (100, 1, 'new'), (40001, 1, 'newer')`,
    [[1, 512, 0, 2], ...OF_ONE.slice(1, 5), [1, 16384, 0, 5], ...OF_ONE.slice(6), ...OF_TWO],
  ],
  ['an event that is deleted', 'DELETE FROM events WHERE id = 1', OF_TWO],
  ['all events', 'DELETE FROM events', []],
  ['no lines', 'TRUNCATE waitlist_entries', []],
  ['no events', 'TRUNCATE events CASCADE', []],
  ['what is undone', 'BEGIN; DELETE FROM waitlist_entries; ROLLBACK', [...OF_ONE, ...OF_TWO]],
  [
    'what is undone to a savepoint',
    `BEGIN; SAVEPOINT s; DELETE FROM waitlist_entries; ROLLBACK TO s;
     DELETE FROM waitlist_entries WHERE event_id = 2; COMMIT`,
    OF_ONE,
  ],
]

for (const [name, statement, expected] of STATEMENTS) {
  t.test(`after ${name} the counters are right`, async (t) => {
    const { pool } = await createTestDatabase(t)
    await pool.query(GIVEN)
    await pool.query(statement)
    t.same(await blocksOf(pool), expected)
    t.same((await pool.query(DIFFERENCES)).rows, [])
  })
}

t.test('the control: a counter that is wrong is found', async (t) => {
  const { pool } = await createTestDatabase(t)
  await pool.query(GIVEN)
  await pool.query('UPDATE waitlist_blocks SET entries = 8 WHERE event_id = 2 AND size = 512')
  await pool.query('DELETE FROM waitlist_blocks WHERE block = 31')
  t.same((await pool.query(DIFFERENCES)).rows, [
    { event_id: 1, size: 512, block: 31, entries: null, counted: 1 },
    { event_id: 2, size: 512, block: 0, entries: 8, counted: 7 },
  ])
})
