import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'

// A pool never holds more than its capacity, and its counter agrees with the bookings, whoever writes.

const line = (pool: string, seats = 1, ticketType = 'type'): object => ({
  ...{ ticket_type: ticketType, seats },
  ...(pool !== '' && { pools: pool.split('+') }),
})
const lines = (...all: object[]): string => `'${JSON.stringify(all)}'`

/** Two events of ten seats, each with the pools a and b of three; two bookings in the first. */
async function createPools(t: Test): Promise<pg.Pool> {
  const { pool } = await createTestDatabase(t)
  await pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('One', 10), ('Two', 10);
    INSERT INTO event_pools (event_id, key, place, capacity)
      SELECT e.id, key, 0, 3 FROM events e, unnest(ARRAY['a', 'b']) AS key;
    INSERT INTO bookings (event_id, user_id, seats, lines) VALUES
      (1, 'ann', 2, ${lines(line('a'), line('a+b'))}),
      (1, 'bob', 2, ${lines(line('b'), line(''))})`)
  return pool
}

/** What is taken of each pool, by its counter; it must agree with the bookings. */
async function taken(t: Test, pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ pool: string; taken: number; counted: number }>(`
    SELECT event_id || key AS pool, taken, (
      SELECT COALESCE(sum(l.seats), 0)::int FROM bookings b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l(seats int, pools text[])
      WHERE b.event_id = p.event_id AND p.key = ANY (l.pools)) AS counted
    FROM event_pools p ORDER BY event_id, key`)
  for (const { pool: key, taken: counter, counted } of rows) t.equal(counter, counted, key)
  const events = await pool.query(`SELECT id FROM events e
    WHERE pool_count <> (SELECT count(*) FROM event_pools WHERE event_id = e.id)`)
  t.strictSame(events.rows, [], 'pools are counted too')
  return rows.map(({ pool: key, taken: counter }) => `${key} ${counter}`).join(', ')
}

const START = '1a 2, 1b 2, 2a 0, 2b 0'

const COUNTED: Readonly<Record<string, readonly [statement: string, expected: string]>> = {
  'an insert': [
    `INSERT INTO bookings (event_id, user_id, seats, lines) VALUES (1, 'cid', 1, ${lines(line('a'))})`,
    '1a 3, 1b 2, 2a 0, 2b 0',
  ],
  'an insert at several events': [
    `INSERT INTO bookings (event_id, user_id, seats, lines) VALUES
       (1, 'cid', 1, ${lines(line('b'))}), (2, 'cid', 3, ${lines(line('a+b', 3))}),
       (2, 'dee', 1, NULL)`,
    '1a 2, 1b 3, 2a 3, 2b 3',
  ],
  'lines that change': [
    `UPDATE bookings SET lines = ${lines(line('b'), line('b', 1, 'other'))} WHERE user_id = 'ann'`,
    '1a 0, 1b 3, 2a 0, 2b 0',
  ],
  'pools that are exchanged between two bookings': [
    `UPDATE bookings SET lines = CASE user_id
       WHEN 'ann' THEN ${lines(line('b'), line(''))}::jsonb
       ELSE ${lines(line('a'), line('a+b'))}::jsonb END`,
    START,
  ],
  'lines that go': [`UPDATE bookings SET lines = NULL`, '1a 0, 1b 0, 2a 0, 2b 0'],
  'a booking that moves': [
    `UPDATE bookings SET event_id = 2 WHERE user_id = 'ann'`,
    '1a 0, 1b 1, 2a 2, 2b 1',
  ],
  'a delete': [`DELETE FROM bookings WHERE user_id = 'ann'`, '1a 0, 1b 1, 2a 0, 2b 0'],
  'a truncate': ['TRUNCATE bookings', '1a 0, 1b 0, 2a 0, 2b 0'],
  'an event that is deleted': [`DELETE FROM events WHERE id = 1`, '2a 0, 2b 0'],
  'all events': ['DELETE FROM bookings; DELETE FROM events', ''],
  'events that are emptied': ['TRUNCATE events CASCADE', ''],
  'a pool that is larger, and one more': [
    `UPDATE event_pools SET capacity = 9 WHERE key = 'a';
     INSERT INTO event_pools (event_id, key, capacity) VALUES (1, 'c', 1)`,
    '1a 2, 1b 2, 1c 0, 2a 0, 2b 0',
  ],
  'pools that change all at once, places and keys too': [
    `UPDATE event_pools SET capacity = 8, place = 1;
     UPDATE event_pools SET key = key || key WHERE event_id = 2;
     INSERT INTO event_pools (event_id, key, capacity) VALUES (2, 'c', 1), (2, 'd', 1);
     UPDATE event_pools SET event_id = 1 WHERE event_id = 2 AND key <> 'd'`,
    '1a 2, 1aa 0, 1b 2, 1bb 0, 1c 0, 2d 0',
  ],
  'pools of which nothing is taken': [`DELETE FROM event_pools WHERE event_id = 2`, '1a 2, 1b 2'],
}

for (const [name, [statement, expected]] of Object.entries(COUNTED)) {
  t.test(`${name} is counted`, async (t) => {
    const pool = await createPools(t)
    t.equal(await taken(t, pool), START)
    await pool.query(statement)
    t.equal(await taken(t, pool), expected)
  })
}

const CHECK = '23514'
const FOREIGN = '23503'
const insert = (seats: number, of: string): string =>
  `INSERT INTO bookings (event_id, user_id, seats, lines) VALUES (1, 'cid', ${seats}, ${of})`

const REFUSED: Readonly<Record<string, readonly [statement: string, code: string]>> = {
  'more than a pool has': [insert(2, lines(line('a', 2))), CHECK],
  'more than it has in two lines': [insert(2, lines(line('a'), line('a', 1, 'x'))), CHECK],
  'more by a change': [
    `UPDATE bookings SET seats = 4, lines = ${lines(line('a', 4))} WHERE user_id = 'ann'`,
    CHECK,
  ],
  'a pool that is less': [
    `UPDATE event_pools SET capacity = 1 WHERE event_id = 1 AND key = 'a'`,
    CHECK,
  ],
  'fewer seats than lines have': [insert(1, lines(line('b', 2))), CHECK],
  'more seats than lines have': [insert(2, lines(line('b'))), CHECK],
  'a line of no seat': [insert(1, lines(line('b'), line('b', 0, 'x'))), CHECK],
  'a line of no type': [insert(1, `'[{"seats": 1}]'`), CHECK],
  'no line': [insert(1, `'[]'`), CHECK],
  'a number of seats that is changed alone': [
    `UPDATE bookings SET seats = 3 WHERE user_id = 'bob'`,
    CHECK,
  ],
  'a pool that the event does not have': [insert(1, lines(line('c'))), FOREIGN],
  'a pool that goes with seats taken': [`DELETE FROM event_pools WHERE key = 'a'`, FOREIGN],
  'a pool that gets another key': [
    `UPDATE event_pools SET key = 'c' WHERE event_id = 1 AND key = 'a'`,
    FOREIGN,
  ],
  'a pool that gets the key of another, which gets another': [
    `UPDATE event_pools SET capacity = 0 WHERE event_id = 2 AND key = 'a';
     UPDATE bookings SET lines = NULL WHERE user_id = 'ann';
     UPDATE event_pools SET key = CASE key WHEN 'a' THEN 'c' ELSE 'a' END WHERE event_id = 1`,
    FOREIGN,
  ],
  'a pool that moves to another event': [
    `DELETE FROM event_pools WHERE event_id = 2;
     UPDATE event_pools SET event_id = 2 WHERE event_id = 1`,
    FOREIGN,
  ],
  'pools that are emptied': ['TRUNCATE event_pools', FOREIGN],
  'a pool of no event': [
    `INSERT INTO event_pools (event_id, key, capacity) VALUES (9, 'a', 1)`,
    FOREIGN,
  ],
}

for (const [name, [statement, code]] of Object.entries(REFUSED)) {
  t.test(`refused: ${name}`, async (t) => {
    const pool = await createPools(t)
    await t.rejects(pool.query(statement), { code })
    t.equal(await taken(t, pool), START)
  })
}

t.test('the control: without the check and the triggers that goes through', async (t) => {
  const pool = await createPools(t)
  await pool.query(`ALTER TABLE event_pools DROP CONSTRAINT event_pools_taken_check`)
  await pool.query(insert(2, lines(line('a', 2))))
  const { rows } = await pool.query(
    `SELECT taken, capacity FROM event_pools WHERE taken > capacity`,
  )
  t.same(rows, [{ taken: 4, capacity: 3 }])
})
