import type pg from 'pg'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { settle } from '../helpers/commands.ts'
import { startEngine } from '../helpers/engine.ts'
import { BOUND, IN_PIECES } from '../helpers/gathered.ts'
import { until } from '../helpers/until.ts'

// The promise: bookings that end together give back a bounded number of numbered seats in a transaction,
// however many each of them has.

const BOOKINGS = 2 * BOUND
const LABELS = 50
/** Of the seats that the bookings of one batch may give back. */
const MOST = 10 * BOUND

/** An event of which bookings have many numbered seats each; its id. */
async function gatherHall(pool: pg.Pool, status: string, expiresAt: string): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, status) VALUES ('Hall', $1, $2) RETURNING id`,
    [BOOKINGS * LABELS, status],
  )
  const id = rows[0]?.id ?? 0
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, seats, status, created_at, expires_at, lines)
     SELECT $1::int, 'user-' || n, $3::int, $4::text, now() - interval '1 hour', $5::timestamptz,
       jsonb_build_array(jsonb_build_object('ticket_type', 'default', 'seats', $3::int, 'labels', ARRAY(
         SELECT n || '-' || seat FROM generate_series(1, $3::int) AS seat)))
     FROM generate_series(1, $2::int) AS n`,
    [id, BOOKINGS, LABELS, expiresAt === '' ? 'confirmed' : 'held', expiresAt || null],
  )
  return id
}

for (const [name, status, expiresAt] of [
  ['holds that have expired', 'on_sale', '2026-01-01T00:00:00Z'],
  ['bookings of a cancelled event', 'cancelled', ''],
] as const) {
  t.test(name, async (t) => {
    const { pool, url } = await createTestDatabase(t)
    const eventId = await gatherHall(pool, status, expiresAt)
    // What each transaction gives back is written down by a trigger, in the transaction itself.
    await pool.query(`
      CREATE TABLE given_back (seats INTEGER);
      CREATE FUNCTION note_given_back() RETURNS TRIGGER LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO given_back SELECT count(*) FROM gone;
        RETURN NULL;
      END $$;
      CREATE TRIGGER note AFTER DELETE ON taken_seats REFERENCING OLD TABLE AS gone
      FOR EACH STATEMENT EXECUTE FUNCTION note_given_back()`)
    const { reservations } = startEngine(t, url, { environment: IN_PIECES })
    await reservations.execute(settle(eventId))
    await until(async () => {
      const { rowCount } = await pool.query('SELECT FROM bookings LIMIT 1')
      return rowCount === 0
    })
    const { rows } = await pool.query<{ seats: number }>('SELECT seats FROM given_back')
    const seats = rows.map((row) => row.seats)
    t.ok(Math.max(...seats) <= MOST, `at most ${MOST} at once: ${seats.join(', ')}`)
    t.equal(seats.length, (BOOKINGS * LABELS) / MOST, 'as many as may be')
    const left = await pool.query('SELECT FROM taken_seats')
    t.equal(left.rowCount, 0)
  })
}
