import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'

// A numbered seat has one holder, or is blocked, or is free, whoever writes.

const line = (labels: string, seats = labels.split(' ').length, pool = ''): object => ({
  ...{ ticket_type: 'type', seats, labels: labels.split(' ') },
  ...(pool !== '' && { pools: [pool] }),
})
const lines = (...all: object[]): string => `'${JSON.stringify(all)}'::jsonb`

/**
 * Two events of ten seats, each with a pool of four; in the first ann has the seats 1 and 2 of the pool,
 * bob has 5, and 3 (of the pool) and 6 are blocked.
 */
async function createSeats(t: Test): Promise<pg.Pool> {
  const { pool } = await createTestDatabase(t)
  await pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('One', 10), ('Two', 10);
    INSERT INTO event_pools (event_id, key, capacity) VALUES (1, 'a', 4), (2, 'a', 4);
    INSERT INTO bookings (event_id, user_id, seats, lines) VALUES
      (1, 'ann', 2, ${lines(line('1 2', 2, 'a'))}), (1, 'bob', 1, ${lines(line('5'))});
    INSERT INTO blocked_seats (event_id, label, pool) VALUES (1, '3', 'a'), (1, '6', NULL)`)
  return pool
}

/** Who has which seat of which event; it must agree with the bookings, the blocks and all counters. */
async function holders(t: Test, pool: pg.Pool): Promise<string> {
  const written = await pool.query<{ seat: string }>(`
    SELECT t.event_id || ' ' || t.label || ' ' || COALESCE(b.user_id, 'blocked') AS seat
    FROM taken_seats t LEFT JOIN bookings b ON b.id = t.booking_id ORDER BY t.event_id, t.label`)
  const counted = await pool.query<{ seat: string }>(`
    SELECT event_id || ' ' || label || ' ' || holder AS seat FROM (
      SELECT b.event_id, s.label COLLATE "C" AS label, b.user_id AS holder FROM bookings b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l(labels text[])
      CROSS JOIN LATERAL unnest(l.labels) AS s(label)
      UNION ALL SELECT event_id, label, 'blocked' FROM blocked_seats) AS seats
    ORDER BY event_id, label`)
  t.strictSame(written.rows, counted.rows, 'the seats agree with the bookings and the blocks')
  const wrong = await pool.query(`
    SELECT id FROM events e WHERE blocked <> (SELECT count(*) FROM blocked_seats WHERE event_id = e.id)
    UNION ALL SELECT event_id FROM event_pools p WHERE blocked <> (
      SELECT count(*) FROM blocked_seats s WHERE s.event_id = p.event_id AND s.pool = p.key)`)
  t.strictSame(wrong.rows, [], 'the counters agree with the blocks')
  return written.rows.map(({ seat }) => seat).join(', ')
}

const START = '1 1 ann, 1 2 ann, 1 3 blocked, 1 5 bob, 1 6 blocked'

const KEPT: Readonly<Record<string, readonly [statement: string, expected: string]>> = {
  'an insert at both events': [
    `INSERT INTO bookings (event_id, user_id, seats, lines) VALUES
       (1, 'cid', 1, ${lines(line('4'))}), (2, 'cid', 3, ${lines(line('1 2'), line('3'))})`,
    '1 1 ann, 1 2 ann, 1 3 blocked, 1 4 cid, 1 5 bob, 1 6 blocked, 2 1 cid, 2 2 cid, 2 3 cid',
  ],
  'seats without labels': [
    `INSERT INTO bookings (event_id, user_id, seats, lines) VALUES
       (1, 'cid', 1, '[{"ticket_type": "type", "seats": 1}]'), (1, 'dee', 1, NULL)`,
    START,
  ],
  'labels that move, of which one stays': [
    `UPDATE bookings SET lines = ${lines(line('2 4', 2, 'a'))} WHERE user_id = 'ann'`,
    '1 2 ann, 1 3 blocked, 1 4 ann, 1 5 bob, 1 6 blocked',
  ],
  'a label that moves to another line': [
    `UPDATE bookings SET lines = ${lines(line('2'), line('1'))} WHERE user_id = 'ann'`,
    START,
  ],
  'labels that two bookings exchange': [
    `UPDATE bookings SET lines = CASE user_id WHEN 'ann' THEN ${lines(line('5 1'))}
       ELSE ${lines(line('2'))} END WHERE event_id = 1`,
    '1 1 ann, 1 2 bob, 1 3 blocked, 1 5 ann, 1 6 blocked',
  ],
  'another column': [`UPDATE bookings SET status = 'held', expires_at = now()`, START],
  'labels that go': [`UPDATE bookings SET lines = NULL`, '1 3 blocked, 1 6 blocked'],
  'another booking id': [`UPDATE bookings SET id = id + 100`, START],
  'a booking that moves to another event': [
    `UPDATE bookings SET event_id = 2 WHERE user_id = 'ann'`,
    '1 3 blocked, 1 5 bob, 1 6 blocked, 2 1 ann, 2 2 ann',
  ],
  'a delete, and who takes the seat then': [
    `DELETE FROM bookings WHERE user_id = 'ann';
     INSERT INTO bookings (event_id, user_id, lines) VALUES (1, 'cid', ${lines(line('1'))})`,
    '1 1 cid, 1 3 blocked, 1 5 bob, 1 6 blocked',
  ],
  'blocks that are lifted': [
    `DELETE FROM blocked_seats WHERE label = '3'`,
    '1 1 ann, 1 2 ann, 1 5 bob, 1 6 blocked',
  ],
  'more blocks, at both events': [
    `INSERT INTO blocked_seats (event_id, label, pool) VALUES (1, '4', 'a'), (2, '1', 'a'), (2, '2', NULL)`,
    '1 1 ann, 1 2 ann, 1 3 blocked, 1 4 blocked, 1 5 bob, 1 6 blocked, 2 1 blocked, 2 2 blocked',
  ],
  'blocks that are there already': [
    `INSERT INTO blocked_seats (event_id, label, pool) VALUES (1, '3', 'a') ON CONFLICT DO NOTHING`,
    START,
  ],
  'bookings that are emptied': ['TRUNCATE bookings', '1 3 blocked, 1 6 blocked'],
  'blocks that are emptied': ['TRUNCATE blocked_seats', '1 1 ann, 1 2 ann, 1 5 bob'],
  'an event that is deleted': [
    `INSERT INTO blocked_seats (event_id, label) VALUES (2, '9'); DELETE FROM events WHERE id = 1`,
    '2 9 blocked',
  ],
  'events that are emptied': ['TRUNCATE events CASCADE', ''],
  'a change that is rolled back': [
    'BEGIN; DELETE FROM bookings; TRUNCATE blocked_seats; ROLLBACK',
    START,
  ],
}

for (const [name, [statement, expected]] of Object.entries(KEPT)) {
  t.test(`seats agree after ${name}`, async (t) => {
    const pool = await createSeats(t)
    t.equal(await holders(t, pool), START)
    await pool.query(statement)
    t.equal(await holders(t, pool), expected)
  })
}

const CHECK = '23514'
const insert = (labels: string, seats?: number): string =>
  `INSERT INTO bookings (event_id, user_id, seats, lines)
   VALUES (1, 'cid', ${seats ?? labels.split(' ').length}, ${lines(line(labels, seats))})`
const block = (seats: string): string =>
  `INSERT INTO blocked_seats (event_id, label, pool) VALUES ${seats}`

const IN_USE = { code: '23505', constraint: 'taken_seats_pkey' }
const UNLIKE_SEATS = { code: CHECK, constraint: 'bookings_lines_check' }
const TOO_MANY = { code: CHECK, constraint: 'events_taken_check' }
const TOO_MANY_OF_POOL = { code: CHECK, constraint: 'event_pools_taken_check' }

interface Failure {
  readonly code: string
  readonly constraint?: string
}

const REFUSED: Readonly<Record<string, readonly [statement: string, error: Failure]>> = {
  'a seat that somebody has': [insert('4 5'), IN_USE],
  'a seat in two bookings of one statement': [
    `INSERT INTO bookings (event_id, user_id, lines) VALUES
       (1, 'cid', ${lines(line('4'))}), (1, 'dee', ${lines(line('4'))})`,
    IN_USE,
  ],
  'a seat twice in one booking': [insert('4 4'), IN_USE],
  'a seat twice by a change': [
    `UPDATE bookings SET lines = ${lines(line('4 4'))} WHERE user_id = 'ann'`,
    IN_USE,
  ],
  'a seat of its own twice by a change': [
    `UPDATE bookings SET lines = ${lines(line('1'), line('1'))} WHERE user_id = 'ann'`,
    IN_USE,
  ],
  'a move to a seat that somebody has': [
    `UPDATE bookings SET lines = ${lines(line('1 5'))} WHERE user_id = 'ann'`,
    IN_USE,
  ],
  'a move to an event where somebody has the seat': [
    `INSERT INTO bookings (event_id, user_id, lines) VALUES (2, 'cid', ${lines(line('5'))});
     UPDATE bookings SET event_id = 1 WHERE user_id = 'cid'`,
    IN_USE,
  ],
  'a seat that is blocked': [insert('3'), IN_USE],
  'a move to a seat that is blocked': [
    `UPDATE bookings SET lines = ${lines(line('6'))} WHERE user_id = 'bob'`,
    IN_USE,
  ],
  'a block of a seat that somebody has': [block(`(1, '4', NULL), (1, '5', NULL)`), IN_USE],
  'a block that is there': [
    block(`(1, '3', 'a')`),
    { code: '23505', constraint: 'blocked_seats_pkey' },
  ],
  'a block of no event': [block(`(9, '3', NULL)`), { code: '23503' }],
  'a block that becomes another': [
    `UPDATE blocked_seats SET label = '7' WHERE label = '6'`,
    { code: '0A000' },
  ],
  'more blocks than there are seats left': [
    block(
      `(1, '7', NULL), (1, '8', NULL), (1, '9', NULL), (1, '10', NULL), (1, '4', NULL), (1, '11', NULL)`,
    ),
    TOO_MANY,
  ],
  'more blocks than the pool has left': [block(`(1, '4', 'a'), (1, '7', 'a')`), TOO_MANY_OF_POOL],
  'more seats than the blocks leave': [
    `INSERT INTO bookings (event_id, user_id, seats) VALUES (1, 'cid', 6)`,
    TOO_MANY,
  ],
  'fewer seats than are taken and blocked': [
    `UPDATE events SET total_seats = 4 WHERE id = 1`,
    TOO_MANY,
  ],
  'a pool of fewer than are taken and blocked': [
    `UPDATE event_pools SET capacity = 2 WHERE event_id = 1`,
    TOO_MANY_OF_POOL,
  ],
  'more labels than seats': [insert('4 7', 1), UNLIKE_SEATS],
  'blocks that are emptied by a snapshot': [
    'BEGIN ISOLATION LEVEL REPEATABLE READ; TRUNCATE blocked_seats',
    { code: '25001' },
  ],
}

t.test('what is refused leaves everything as it was', async (t) => {
  const pool = await createSeats(t)
  const client = await pool.connect()
  for (const [name, [statement, error]] of Object.entries(REFUSED)) {
    await t.rejects(client.query(statement), error, name)
    await client.query('ROLLBACK')
    t.equal(await holders(t, pool), START, name)
  }
  client.release()
})

t.test('of two sessions at once one has the seat, and the other is told', async (t) => {
  const pool = await createSeats(t)
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      pool.query(
        `INSERT INTO bookings (event_id, user_id, lines) VALUES (2, $1, ${lines(line('1'))})`,
        [`user ${i}`],
      ),
    ),
  )
  const failures = results.filter((result) => result.status === 'rejected')
  t.equal(failures.length, 19)
  for (const { reason } of failures) t.match(reason, IN_USE)
  t.match(await holders(t, pool), /, 2 1 user \d+$/)
})

t.test('the control: without the primary key two have one seat', async (t) => {
  const pool = await createSeats(t)
  await pool.query('ALTER TABLE taken_seats DROP CONSTRAINT taken_seats_pkey')
  await pool.query(insert('5'))
  t.match(await holders(t, pool), '1 5 bob, 1 5 cid')
})
