import t, { type Test } from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { listEvents } from '../../src/store/reads/event-lists.ts'
import { readEvents } from '../../src/store/reads/events.ts'
import { SeatMaps } from '../../src/store/reads/seat-maps.ts'
import type { Sql } from '../../src/store/rows.ts'
import { asked } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { watchCosts } from '../helpers/plans.ts'

// The promise: an event with pools, or a hall's map, costs what is read of it, however many bookings
// there are beside, its own or others', and whatever PostgreSQL believes of how they are spread.

const [ROWS, SEATS_IN_ROW] = [100, 100]
const SEATS = ROWS * SEATS_IN_ROW
const OTHERS = 40_000
const EXPIRED = 3

const SECTION = {
  key: 'A',
  pool: null,
  rows: Array.from({ length: ROWS }, (_, row) => ({
    key: String(row + 1),
    seats: { from: 1, to: SEATS_IN_ROW },
  })),
}

/** An event for each of the other bookings, by which the statistics go; the first one has nothing yet. */
async function createEvents(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const { pool } = database
  for (const table of ['events', 'bookings', 'taken_seats', 'event_pools']) {
    await pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  }
  await pool.query(`
    INSERT INTO events (name, total_seats) SELECT 'Event', 1000000
      FROM generate_series(1, ${OTHERS + 1});
    INSERT INTO event_pools (event_id, key, capacity) VALUES (1, 'a', 1000000);
    INSERT INTO bookings (event_id, user_id) SELECT 1 + n, 'u' FROM generate_series(1, ${OTHERS}) AS n;
    ANALYZE`)
  return database
}

/** Fills the hall, and lets a few holds of a pool expire. */
async function fill({ pool }: TestDatabase): Promise<void> {
  await pool.query('INSERT INTO event_seatings VALUES (1, $1, $2)', [
    'digest',
    { sections: [SECTION] },
  ])
  await pool.query(`
    UPDATE events SET seating = 'digest' WHERE id = 1;
    INSERT INTO bookings (event_id, user_id, lines)
      SELECT 1, 'u' || n, jsonb_build_array(jsonb_build_object('ticket_type', 't', 'seats', 1,
        'pools', ARRAY['a'], 'labels', ARRAY['A-' || 1 + n / ${SEATS_IN_ROW} || '-' || 1 + n % ${SEATS_IN_ROW}]))
      FROM generate_series(0, ${SEATS - 1}) AS n;
    INSERT INTO bookings (event_id, user_id, status, expires_at, lines)
      SELECT 1, 'late ' || n, 'held', now() - interval '1 hour', '[{"ticket_type": "t", "seats": 1, "pools": ["a"]}]'
      FROM generate_series(1, ${EXPIRED}) AS n`)
}

interface Case {
  readonly read: (sql: Sql) => Promise<unknown>
  readonly mostRows: number
}

const FIRST_PAGE = { tenantId: DEFAULT_TENANT, sort: 'id', order: 'asc', limit: 1 } as const
const CASES: Record<string, Case> = {
  'an event': { read: (sql) => readEvents(sql, asked(1)), mostRows: 30 },
  'a list of events': {
    read: (sql) => listEvents(sql, { ...FIRST_PAGE, after: undefined }),
    mostRows: 30,
  },
  // The seating, which is read once, and no booking that is not a hold.
  'the map': {
    read: (sql) => new SeatMaps().read(sql, { id: 1, tenantId: DEFAULT_TENANT }),
    mostRows: 2 * SEATS + 10,
  },
}

async function check(t: Test, { url }: TestDatabase): Promise<void> {
  const costsOf = watchCosts(t, url)
  for (const [name, { read, mostRows }] of Object.entries(CASES)) {
    const costs = await costsOf(read)
    const rows = costs.reduce((sum, cost) => sum + cost.rows, 0)
    t.ok(rows > 0 && rows <= mostRows, `${name}: ${rows} rows, at most ${mostRows}`, { costs })
    t.same(
      costs.flatMap(({ scanned }) => scanned),
      [],
      `${name}: no table is read whole`,
    )
  }
}

t.test('what pools and a hall cost', async (t) => {
  const database = await createEvents(t)
  await fill(database)
  await t.test('with statistics of before the hall was full', (t) => check(t, database))
  await database.pool.query('ANALYZE')
  await t.test('with those of a skewed table', (t) => check(t, database))
})
