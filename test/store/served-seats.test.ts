import type pg from 'pg'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { settle } from '../helpers/commands.ts'
import { startEngine } from '../helpers/engine.ts'
import { BOUND, IN_PIECES, untilEnded, untilSettled } from '../helpers/gathered.ts'

// The promise: those who wait are given a bounded number of numbered seats in a transaction, however many
// each of them waits for.

const PARTIES = 2 * BOUND
const LABELS = 50
/** Of the seats that one batch may give. */
const MOST = 10 * BOUND

/** A hall with a row for each of those who wait for seats side by side; its event's id. */
async function createHall(pool: pg.Pool, key: string | null): Promise<number> {
  const seats = PARTIES * LABELS
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, seating) VALUES ('Hall', $1, 'hall') RETURNING id`,
    [seats],
  )
  const id = rows[0]?.id ?? 0
  const range = { from: 1, to: LABELS }
  const hall = Array.from({ length: PARTIES }, (_, i) => ({ key: String(i + 1), seats: range }))
  await pool.query(
    `INSERT INTO event_seatings (event_id, digest, document) VALUES ($1, 'hall', $2)`,
    [id, JSON.stringify({ sections: [{ key: 'A', pool: key, rows: hall }] })],
  )
  if (key !== null) {
    await pool.query('INSERT INTO event_pools (event_id, key, capacity) VALUES ($1, $2, $3)', [
      ...[id, key, seats],
    ])
  }
  return id
}

async function gatherLine(pool: pg.Pool, eventId: number, key: string | null): Promise<void> {
  const best = { section: null, split: false }
  const line = {
    ...{ ticket_type: 'default', seats: LABELS, best_available: best },
    ...(key !== null && { pools: [key] }),
  }
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id, seats, lines)
     SELECT $1, 'user-' || n, $2, $3 FROM generate_series(1, $4::int) AS n`,
    [eventId, LABELS, JSON.stringify([line]), PARTIES],
  )
}

/** Has written down what each transaction does to rows of a table, by a trigger, in the transaction itself. */
async function noteRows(pool: pg.Pool, when: string, transition: string): Promise<void> {
  await pool.query(`
    CREATE TABLE noted (transaction BIGINT, many INTEGER);
    CREATE FUNCTION note() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO noted SELECT txid_current(), count(*) FROM touched;
      RETURN NULL;
    END $$;
    CREATE TRIGGER note ${when} REFERENCING ${transition} TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION note()`)
}

/** How many rows each transaction has touched. */
async function rowsNoted(pool: pg.Pool): Promise<number[]> {
  const { rows } = await pool.query<{ many: number }>(
    'SELECT sum(many)::int AS many FROM noted GROUP BY transaction',
  )
  return rows.map(({ many }) => many)
}

for (const [name, key] of [
  ['those who wait for seats of the event', null],
  ['those who wait for seats of a pool', 'front'],
] as const) {
  t.test(name, async (t) => {
    const { pool, url } = await createTestDatabase(t)
    const eventId = await createHall(pool, key)
    await gatherLine(pool, eventId, key)
    await noteRows(pool, 'AFTER INSERT ON taken_seats', 'NEW')
    const { reservations } = startEngine(t, url, { environment: IN_PIECES })
    await reservations.execute(settle(eventId))
    await untilSettled(pool, eventId)
    const seats = await rowsNoted(pool)
    t.ok(Math.max(...seats) <= MOST, `at most ${MOST} at once: ${seats.join(', ')}`)
    t.equal(seats.length, (PARTIES * LABELS) / MOST, 'as many as may be')
    const { rows: order } = await pool.query<{ user: string; labels: number }>(
      `SELECT user_id AS user, jsonb_array_length(lines->0->'labels') AS labels FROM bookings ORDER BY id`,
    )
    t.strictSame(
      order,
      Array.from({ length: PARTIES }, (_, i) => ({ user: `user-${i + 1}`, labels: LABELS })),
      'all of them side by side, in their order',
    )
  })

  t.test(`${name}, once the event is cancelled`, async (t) => {
    const { pool, url } = await createTestDatabase(t)
    const eventId = await createHall(pool, key)
    await gatherLine(pool, eventId, key)
    await pool.query(`UPDATE events SET status = 'cancelled'`)
    await noteRows(pool, 'AFTER DELETE ON waitlist_entries', 'OLD')
    const { reservations } = startEngine(t, url, { environment: IN_PIECES })
    await reservations.execute(settle(eventId))
    await untilEnded(pool, eventId)
    t.strictSame(await rowsNoted(pool), [BOUND, BOUND], 'leave as if they waited for no numbers')
  })
}
