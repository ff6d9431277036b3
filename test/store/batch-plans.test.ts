import t, { type Test } from 'tap'
import { loadDetails } from '../../src/store/load-details.ts'
import { lockAndLoad } from '../../src/store/lock-and-load.ts'
import type { Sql } from '../../src/store/rows.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { asked, settle } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { watchCosts } from '../helpers/plans.ts'

// The promise: of a line that waits for pools the first of each kind are read, and of a cancelled event
// the bookings that end in this batch, however many wait or are booked, there or elsewhere.

/** Rows of one event in a line, and of another in bookings. */
const MANY = 20_000
/** What a batch settles, and the most rows that a statement may read for that. */
const SETTLED = 100
const MOST_ROWS = 5 * SETTLED

/** The event with the line, the one that is cancelled, and others of both sorts. */
const [LINE, CANCELLED] = [1, 2]
const LINES = Array.from({ length: SETTLED }, (_, i) => 101 + i)
const ENDINGS = Array.from({ length: SETTLED }, (_, i) => 301 + i)

const lines = (pool: string): string =>
  `jsonb_build_array(jsonb_build_object('ticket_type', 'type', 'seats', seats, 'pools', jsonb_build_array(${pool})))`

/** Whose statistics are what they are: nothing analyzes the tables but the test. */
async function createEvents(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const tables = ['events', 'event_pools', 'bookings', 'waitlist_entries', 'waitlist_blocks']
  for (const table of tables) {
    await database.pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  }
  await database.pool.query(
    `INSERT INTO events (name, total_seats, max_seats_per_booking)
     SELECT 'Event ' || n, 1000000, 10 FROM generate_series(1, 500) AS n`,
  )
  await database.pool.query(
    `INSERT INTO event_pools (event_id, key, capacity)
     SELECT id, key, 0 FROM events, unnest(ARRAY['a', 'b']) AS key`,
  )
  return database
}

async function fill({ pool }: TestDatabase): Promise<void> {
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id, seats, lines)
     SELECT event, 'user ' || n, seats, ${lines(`CASE WHEN n % 3 = 0 THEN 'a' ELSE 'b' END`)}
     FROM (SELECT ${LINE} AS event, n, 1 + n % 2 AS seats FROM generate_series(1, ${MANY}) AS n
       UNION ALL SELECT event, n, 1 FROM unnest($1::int[]) AS event, generate_series(1, 3) AS n) AS w`,
    [LINES],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id)
     SELECT ${CANCELLED}, 'user ' || n FROM generate_series(1, ${MANY}) AS n
     UNION ALL SELECT event, 'user ' || n FROM unnest($1::int[]) AS event, generate_series(1, 3) AS n`,
    [ENDINGS],
  )
  await pool.query(`UPDATE events SET status = 'cancelled' WHERE id = ${CANCELLED} OR id > 300`)
}

/** All that a batch reads before it settles these events. */
function load(eventIds: readonly number[]) {
  return async (sql: Sql): Promise<void> => {
    const commands = eventIds.map((id) => settle(id))
    const seatsAtHand = new SeatsAtHand()
    const { events, now } = await lockAndLoad(sql, asked(...eventIds), commands)
    await loadDetails(sql, { events, commands, now, maxSettled: SETTLED, seatsAtHand })
  }
}

const EVENTS: Readonly<Record<string, readonly number[]>> = {
  'the line': [LINE],
  'other lines': LINES,
  'the cancelled event': [CANCELLED],
  'other cancelled events': ENDINGS,
  'all of them': [LINE, CANCELLED, ...LINES.slice(50), ...ENDINGS.slice(50)],
}

async function dearReads(t: Test, { url }: TestDatabase): Promise<string[]> {
  const costsOf = watchCosts(t, url)
  const dear: string[] = []
  for (const [name, ids] of Object.entries(EVENTS)) {
    const costs = await costsOf(load(ids))
    const tables = costs.map(({ text }) => text).join()
    t.match(tables, name.includes('line') ? /claim_of/ : /e\.most/, `${name} is read`)
    for (const { text, rows, scanned } of costs) {
      if (rows > MOST_ROWS || scanned.length > 0)
        dear.push(`${name}: ${rows} ${scanned.join()} ${text}`)
    }
  }
  return dear
}

t.test('without statistics, and with those of skewed tables', async (t) => {
  const database = await createEvents(t)
  await fill(database)
  t.same(await dearReads(t, database), [], 'none')
  await database.pool.query('ANALYZE')
  t.same(await dearReads(t, database), [], 'skewed')
})

t.test('the control: without its index the line is gone through', async (t) => {
  const database = await createEvents(t)
  await fill(database)
  await database.pool.query('ANALYZE; DROP INDEX waitlist_entries_kinds_idx')
  const costs = await watchCosts(t, database.url)(load([LINE]))
  t.ok(
    costs.some(({ rows }) => rows >= MANY),
    'all that wait are read',
  )
})

t.test('with statistics of before the rows came', async (t) => {
  const database = await createEvents(t)
  await database.pool.query('ANALYZE')
  await fill(database)
  t.same(await dearReads(t, database), [])
})
