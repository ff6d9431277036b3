import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'

// A seat is blocked of a pool that its event has, for as long as it is blocked, whoever writes.

const FOREIGN = '23503'

/** An event with the pools a, of which a seat is blocked, and b; another one with a pool a. */
async function createBlocked(t: Test): Promise<pg.Pool> {
  const { pool } = await createTestDatabase(t)
  await pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('One', 10), ('Two', 10);
    INSERT INTO event_pools (event_id, key, capacity) VALUES (1, 'a', 4), (1, 'b', 4), (2, 'a', 4);
    INSERT INTO blocked_seats (event_id, label, pool) VALUES (1, '1', 'a'), (1, '2', NULL)`)
  return pool
}

async function poolsOf(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ pool: string }>(
    `SELECT event_id || key || ' ' || blocked AS pool FROM event_pools ORDER BY event_id, key`,
  )
  return rows.map((row) => row.pool).join(', ')
}

const REFUSED: Readonly<Record<string, string>> = {
  'a pool that goes': `DELETE FROM event_pools WHERE event_id = 1`,
  'a pool that gets another key': `UPDATE event_pools SET key = 'c' WHERE event_id = 1 AND key = 'a'`,
  'pools that are emptied': 'TRUNCATE event_pools',
  'a seat of a pool that is not there': `INSERT INTO blocked_seats VALUES (1, '3', 'c')`,
  'one of them among others': `INSERT INTO blocked_seats VALUES (1, '3', 'a'), (1, '4', 'a'), (2, '1', 'b')`,
}

for (const [name, statement] of Object.entries(REFUSED)) {
  t.test(`refused: ${name}`, async (t) => {
    const pool = await createBlocked(t)
    await t.rejects(pool.query(statement), { code: FOREIGN })
    t.equal(await poolsOf(pool), '1a 1, 1b 0, 2a 0')
    await pool.query('DELETE FROM blocked_seats')
    t.equal(await poolsOf(pool), '1a 0, 1b 0, 2a 0', 'all seats can be given back')
  })
}

const ALLOWED: Readonly<Record<string, readonly [statement: string, left: string]>> = {
  'a pool of which nothing is blocked': [`DELETE FROM event_pools WHERE key = 'b'`, '1a 1, 2a 0'],
  'a pool of which nothing is blocked any more': [
    `DELETE FROM blocked_seats WHERE pool = 'a'; DELETE FROM event_pools WHERE key = 'a'`,
    '1b 0',
  ],
  'with its event': ['DELETE FROM events WHERE id = 1', '2a 0'],
  'with all events': ['TRUNCATE events CASCADE', ''],
  'with what is blocked': ['TRUNCATE event_pools, blocked_seats', ''],
  'seats of several pools': [
    `INSERT INTO blocked_seats VALUES (1, '3', 'a'), (1, '4', 'b'), (2, '1', 'a'), (2, '2', NULL)`,
    '1a 2, 1b 1, 2a 1',
  ],
}

for (const [name, [statement, left]] of Object.entries(ALLOWED)) {
  t.test(`allowed: ${name}`, async (t) => {
    const pool = await createBlocked(t)
    await pool.query(statement)
    t.equal(await poolsOf(pool), left)
  })
}
