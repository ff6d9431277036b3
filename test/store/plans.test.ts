import t, { type Test } from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { Command } from '../../src/domain/commands.ts'
import { loadDetails } from '../../src/store/load-details.ts'
import { existingEvents, lockAndLoad } from '../../src/store/lock-and-load.ts'
import {
  findEventsOfBookings,
  findExpiredHolds,
  readBookings,
} from '../../src/store/reads/bookings.ts'
import { readEvents } from '../../src/store/reads/events.ts'
import {
  entryKey,
  findEntries,
  findEventsOfEntries,
  readEntries,
} from '../../src/store/reads/waitlist.ts'
import { provableRefusals } from '../../src/store/refusals.ts'
import type { Sql } from '../../src/store/rows.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { waitForLocks } from '../../src/store/wait-for-locks.ts'
import {
  asked,
  cancel,
  changeEvent,
  confirm,
  leaveWaitlist,
  plainReserve,
  settle,
} from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { watchCosts } from '../helpers/plans.ts'

// The promise: what is read by keys costs index probes for these keys, however many rows other
// events have, or this one, and whatever PostgreSQL believes of how they are spread.

/** Rows of one event in a line, and of another in holds. */
const MANY = 100_000
const EXPIRED = 5_000
/** Things that a statement is asked for, and the most rows that it may read for them. */
const ASKED = 100
const MOST_ROWS = 5 * ASKED

/** The event with the line, the one with the holds, and others. */
const [LINE, HOLDS] = [1, 2]
const OTHERS = Array.from({ length: ASKED }, (_, i) => 101 + i)
const ALL = [LINE, HOLDS, ...OTHERS.slice(2)]

/** Nobody says another tenant. */
const OURS = { tenantId: DEFAULT_TENANT }

/** Whose statistics are what they are: nothing analyzes the tables but the test. */
async function createEvents(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const tables = ['events', 'bookings', 'waitlist_entries', 'waitlist_blocks', 'event_history']
  for (const table of tables) {
    await database.pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  }
  await database.pool.query(
    `INSERT INTO events (name, total_seats, max_seats_per_booking)
     SELECT 'Event ' || n, CASE n WHEN ${LINE} THEN 1 ELSE 1000000 END, 10
     FROM generate_series(1, 300) AS n`,
  )
  return database
}

async function fill({ pool }: TestDatabase): Promise<void> {
  await pool.query(`INSERT INTO bookings (event_id, user_id) VALUES (${LINE}, 'ann')`)
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id, seats)
     SELECT ${LINE}, 'user ' || n, 1 + n % 3 FROM generate_series(1, ${MANY}) AS n`,
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT ${HOLDS}, 'user ' || n, 'held', now() + interval '1 day' + n * interval '1 second'
     FROM generate_series(1, ${MANY}) AS n`,
  )
}

/** Lets many holds of one event expire, and then one of each of the others. */
async function expire({ pool }: TestDatabase): Promise<void> {
  await pool.query(
    `UPDATE bookings SET expires_at = now() - interval '1 minute'
     WHERE id BETWEEN 1001 AND 1000 + ${EXPIRED}`,
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT id, 'late', 'held', now() FROM unnest($1::int[]) AS id`,
    [OTHERS],
  )
}

/** All that a batch reads before it decides. */
function load(eventIds: readonly number[], commands: readonly Command[]) {
  return async (sql: Sql): Promise<void> => {
    const seatsAtHand = new SeatsAtHand()
    const { events, now } = await lockAndLoad(sql, asked(...eventIds), commands)
    await loadDetails(sql, { events, commands, now, maxSettled: ASKED, seatsAtHand })
  }
}

const PLAIN = ALL.map((id) => plainReserve(id, 'user 5'))
const OF_LINES = PLAIN.map((command) => ({
  ...command,
  lines: [{ ticketType: 'default', seats: 1 }],
}))

type Reads = Record<string, (sql: Sql) => Promise<unknown>>

// Ids begin with 1 in a new database.
const IDS = Array.from({ length: ASKED }, (_, i) => MANY / 2 + i)

const READS: Reads = {
  readEvents: (sql) => readEvents(sql, asked(...ALL)),
  readBookings: (sql) => readBookings(sql, asked(...IDS)),
  findEntries: (sql) =>
    findEntries(
      sql,
      IDS.map((n) => entryKey({ ...OURS, eventId: LINE, userId: `user ${n}` })),
    ),
  'findEntries where there are none': (sql) =>
    findEntries(
      sql,
      OTHERS.map((eventId) => entryKey({ ...OURS, eventId, userId: 'user 1' })),
    ),
  findEventsOfBookings: (sql) => findEventsOfBookings(sql, asked(...IDS)),
  findEventsOfEntries: (sql) => findEventsOfEntries(sql, asked(...IDS)),
  findExpiredHolds: (sql) => findExpiredHolds(sql, asked(...IDS)),
  provableRefusals: (sql) => provableRefusals(sql, PLAIN),
  'provableRefusals of lines': (sql) => provableRefusals(sql, OF_LINES),
  existingEvents: (sql) => existingEvents(sql, asked(...ALL)),
  waitForLocks: (sql) => waitForLocks(sql, asked(...ALL), 60_000),
  'reserve everywhere': load(
    ALL,
    ALL.map((id) => plainReserve(id, 'user 5', { waitlist: true })),
  ),
  'reserve behind the line': load(
    [LINE],
    IDS.map((n) => plainReserve(LINE, `new ${n}`, { waitlist: true })),
  ),
  confirm: load(
    [HOLDS],
    IDS.map((id) => confirm(HOLDS, id)),
  ),
  'cancel before the line': load([LINE], [cancel(LINE, 1)]),
  'leave the line': load(
    [LINE],
    IDS.map((id) => leaveWaitlist(LINE, id)),
  ),
  'change events': load(
    ALL,
    ALL.map((id) => changeEvent(id, { totalSeats: 50 })),
  ),
  settle: load(
    ALL,
    ALL.map((id) => settle(id)),
  ),
}

/** Ids in the smaller blocks of a line, and as many of these blocks, and of the larger, as the line has. */
const IN_BLOCK = 512
const BLOCKS = Math.ceil(MANY / IN_BLOCK) + Math.ceil(MANY / 16_384)

/**
 * Places in line, and the most rows for them: each entry and its event, the blocks in front of them,
 * and the entries of each block that one of them is in, from its first to the last that is asked for.
 */
const PLACES: readonly (readonly [where: string, ids: readonly number[], mostRows: number])[] = [
  ['at the front', Array.from({ length: ASKED }, (_, i) => 1 + i), 3 * ASKED],
  ['in the midst', IDS, 2 * ASKED + BLOCKS + IN_BLOCK],
  ['at the end', [MANY], 2 + BLOCKS + IN_BLOCK],
  [
    'at the ends of as many blocks',
    Array.from({ length: ASKED }, (_, i) => (i + 1) * IN_BLOCK - 1),
    2 * ASKED + BLOCKS + ASKED * IN_BLOCK,
  ],
]

/** Where one event has many expired holds, the others must not pay for them. */
const READS_OF_EXPIRED: Reads = {
  readEvents: (sql) => readEvents(sql, asked(...OTHERS)),
  provableRefusals: (sql) => provableRefusals(sql, PLAIN),
  'provableRefusals of lines': (sql) => provableRefusals(sql, OF_LINES),
  'reserve everywhere': load(
    ALL,
    ALL.map((id) => plainReserve(id, 'user 5')),
  ),
  'change other events': load(
    OTHERS,
    OTHERS.map((id) => changeEvent(id, { totalSeats: 50 })),
  ),
  'settle others': load(
    OTHERS,
    OTHERS.map((id) => settle(id)),
  ),
}

async function checkCosts(
  t: Test,
  { url }: TestDatabase,
  reads: Reads,
  mostRows = MOST_ROWS,
): Promise<void> {
  const costsOf = watchCosts(t, url)
  for (const [name, read] of Object.entries(reads)) {
    const costs = await costsOf(read)
    t.ok(costs.length > 0, `${name}: ${costs.length} statements`)
    const dear = costs.filter(({ rows, scanned }) => rows > mostRows || scanned.length > 0)
    t.same(dear, [], `${name}: none reads more than is asked for`)
  }
}

async function checkPlaces(t: Test, database: TestDatabase): Promise<void> {
  for (const [where, ids, mostRows] of PLACES) {
    const read = { [`places ${where}`]: (sql: Sql) => readEntries(sql, asked(...ids)) }
    await checkCosts(t, database, read, mostRows)
  }
}

t.test('without statistics, and then with those of a skewed table', async (t) => {
  const database = await createEvents(t)
  await fill(database)
  await t.test('none', (t) => checkCosts(t, database, READS))
  await t.test('none, and places', (t) => checkPlaces(t, database))
  await database.pool.query('ANALYZE')
  await t.test('skewed', (t) => checkCosts(t, database, READS))
  await t.test('skewed, and places', (t) => checkPlaces(t, database))
  await expire(database)
  await t.test('stale, and many holds have expired', (t) =>
    checkCosts(t, database, READS_OF_EXPIRED),
  )
  await database.pool.query('ANALYZE')
  await t.test('skewed, and many holds have expired', (t) =>
    checkCosts(t, database, READS_OF_EXPIRED),
  )
})

t.test('with statistics of before the rows came', async (t) => {
  const database = await createEvents(t)
  await database.pool.query('ANALYZE')
  await fill(database)
  await checkCosts(t, database, READS)
  await checkPlaces(t, database)
})

t.test('the control: a read that goes through the line is found out', async (t) => {
  const database = await createEvents(t)
  await fill(database)
  const costsOf = watchCosts(t, database.url)
  const [cost] = await costsOf(
    (sql) => sql.$queryRaw`
    SELECT count(*) FROM waitlist_entries WHERE event_id = ${LINE}::int`,
  )
  t.ok(cost !== undefined && cost.rows >= MANY, `${cost?.rows} rows`)
})
