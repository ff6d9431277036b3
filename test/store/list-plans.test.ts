import pg from 'pg'
import t, { type Test } from 'tap'
import { prepareSession } from '../../src/store/connections/session.ts'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { listBookings } from '../../src/store/reads/booking-lists.ts'
import { listEvents, MAX_LOOKED_THROUGH } from '../../src/store/reads/event-lists.ts'
import { orderOf, type EventQuery } from '../../src/store/reads/event-order.ts'
import { listHistory } from '../../src/store/reads/history.ts'
import { listWaitlist } from '../../src/store/reads/waitlist.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase, types } from '../helpers/database.ts'
import { explainReads, type PlanMode } from '../helpers/explained.ts'

// The promise: a page of a list reads about as many rows as it shows, whatever its filters, its order
// and its place in the list, and however the planner is misled by what most rows are like. What others
// have costs a tenant's page nothing.

const EVENTS = 20_000
const BOOKINGS = 20_000
const HOT = 1
const COLD = 7_000
const LIMIT = 20
/** What tenants have who sort before and after the one that has nearly all. */
const SMALL = ['acme', 'zenith']
const SMALL_EVENTS = 30
/** Of each range one row more is read than shown; and the event of each row, each event's holds. */
const MAX_ROWS = 4 * (LIMIT + 1) + 10

/**
 * Most of everything is of one tenant, of one event, and of one user; what is upcoming has the highest
 * ids. The small tenants' events and users are called as most are.
 */
async function fill(pool: pg.Pool): Promise<void> {
  const tables = ['events', 'event_listings', 'bookings', 'waitlist_entries', 'event_history']
  for (const table of tables) {
    await pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  }
  await pool.query(
    `INSERT INTO events (name, total_seats, starts_at)
     SELECT CASE WHEN n % 2 = 0 THEN 'Concert ' ELSE 'Play ' END || md5(n::text)
         || CASE WHEN n > 15000 THEN ' 2026' ELSE '' END, 1000000,
       CASE WHEN n % 10 > 0 THEN now() + (n - 19000) * interval '1 hour' END
     FROM generate_series(1, $1::int) AS n`,
    [EVENTS],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT CASE WHEN n % 4 > 0 THEN $2 ELSE n / 4 + 1000 END,
       CASE WHEN n % 4 = 0 AND n < 19000 THEN 'ann' ELSE 'user' || n END, s.status,
       CASE WHEN s.status = 'held' THEN now() + interval '1 day' END
     FROM generate_series(1, $1::int) AS n
     CROSS JOIN LATERAL (SELECT CASE WHEN n % 40 IN (0, 1) THEN 'held' ELSE 'confirmed' END) AS s(status)`,
    [BOOKINGS, HOT],
  )
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT CASE WHEN n % 100 > 0 THEN $2 ELSE $3::int END, 'user' || n FROM generate_series(1, $1::int) AS n`,
    [BOOKINGS, HOT, COLD],
  )
  // Rows of one fact, and after them some of many.
  await pool.query(
    `INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
     SELECT $1, first, last, now(), (
       SELECT json_agg(json_build_object('type', 'waitlisted', 'user_id', 'ann', 'seats_before', 0,
         'seats_after', 1, 'waitlist_entry_id', 1)) FROM generate_series(first, last))
     FROM (
       SELECT CASE WHEN n <= 5000 THEN n ELSE (n - 5000) * 100 + 4901 END AS first,
         CASE WHEN n <= 5000 THEN n ELSE (n - 5000) * 100 + 5000 END AS last
       FROM generate_series(1, 6000) AS n) AS sequences`,
    [HOT],
  )
  await fillSmall(pool)
}

async function fillSmall(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO events (tenant_id, name, total_seats, starts_at)
     SELECT tenant, 'Concert c1e5 2026', 1000, now() + interval '1 hour'
     FROM unnest($1::text[]) AS tenant, generate_series(1, $2::int) AS n`,
    [SMALL, SMALL_EVENTS],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, tenant_id, user_id, status, expires_at)
     SELECT id, tenant_id, u, CASE WHEN id % 2 = 0 THEN 'held' ELSE 'confirmed' END,
       CASE WHEN id % 2 = 0 THEN now() + interval '1 day' END
     FROM events, unnest(ARRAY['ann', 'user5']) AS u WHERE tenant_id = ANY($1)`,
    [SMALL],
  )
}

/** A list, as it is called, and what it may read. */
interface Case {
  readonly name: string
  readonly read: (sql: Explained) => Promise<unknown>
  readonly maxRows: number
}
type Explained = Awaited<ReturnType<typeof explainReads>>

function bookingCases(tenantId: string, eventIds: readonly number[]): Case[] {
  const cases: Case[] = []
  for (const eventId of [undefined, ...eventIds])
    for (const userId of [undefined, 'ann', 'user5'])
      for (const status of [undefined, 'confirmed', 'held'] as const)
        for (const afterId of [undefined, BOOKINGS / 2, BOOKINGS - 500])
          for (const order of ['asc', 'desc'] as const) {
            const query = { tenantId, eventId, userId, status, order, afterId, limit: LIMIT }
            cases.push({
              name: `bookings ${JSON.stringify(query)}`,
              read: (sql) => listBookings(sql, query),
              maxRows: MAX_ROWS,
            })
          }
  return cases
}

/** For a text, the names are gone through first, and then a sample of them: each has a bound. */
const MAX_SEARCHED = MAX_LOOKED_THROUGH + 2 * (EVENTS / 64)
/** The names, those of the sample, and the events of both ways of searching. */
const MAX_SEARCHED_OF_SMALL = 4 * SMALL_EVENTS + MAX_ROWS

async function eventCases(pool: pg.Pool, tenantId: string): Promise<Case[]> {
  const maxSearched = tenantId === DEFAULT_TENANT ? MAX_SEARCHED : MAX_SEARCHED_OF_SMALL
  const cases: Case[] = []
  const names = [undefined, 'concert', '2026', 'c1e5', 'nobody has it', 'e']
  for (const name of names)
    for (const upcoming of [undefined, true])
      for (const sort of ['id', 'name', 'starts_at'] as const)
        for (const order of ['asc', 'desc'] as const) {
          const filters = { tenantId, name, upcoming, sort, order }
          const first: EventQuery = { ...filters, limit: LIMIT, after: undefined }
          const middle = { ...first, after: await middleOf(pool, first) }
          for (const query of [first, middle])
            cases.push({
              name: `events ${JSON.stringify(query)}`,
              read: (sql) => listEvents(sql, query),
              maxRows: name === undefined ? MAX_ROWS : maxSearched,
            })
        }
  return cases
}

async function middleOf(pool: pg.Pool, query: EventQuery): Promise<(string | number)[]> {
  const { key } = orderOf(query)
  const isListed = `tenant_id = $1 AND ${query.upcoming === true ? 'starts_at > now()' : 'true'}`
  const { rows } = await pool.query<{ sort_key: string; id: number }>(
    `SELECT (${key.sql})::text AS sort_key, event_id AS id FROM event_listings
     WHERE ${isListed} ORDER BY ${key.sql}, event_id
     OFFSET (SELECT count(*) FROM event_listings WHERE ${isListed}) / 2 LIMIT 1`,
    [query.tenantId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('there is no middle')
  return query.sort === 'id' ? [row.id] : [row.sort_key, row.id]
}

type Models = Parameters<typeof listWaitlist>[0]

function otherCases({ event }: Pick<Models, 'event'>, tenantId: string): Case[] {
  const cases: Case[] = []
  for (const eventId of [HOT, COLD]) {
    for (const afterId of [0, BOOKINGS / 2]) {
      const query = { tenantId, eventId, afterId, before: 0, limit: LIMIT }
      cases.push({
        name: `waitlist ${JSON.stringify(query)}`,
        read: (sql) => listWaitlist({ ...sql, event }, query),
        maxRows: MAX_ROWS,
      })
    }
    for (const after of [0, 2500, 4990, 50_000]) {
      const query = { tenantId, eventId, after, limit: LIMIT }
      cases.push({
        name: `history ${JSON.stringify(query)}`,
        read: (sql) => listHistory(sql, query),
        maxRows: MAX_ROWS,
      })
    }
  }
  return cases
}

async function createFilled(t: Test, { isAnalyzed }: { isAnalyzed: boolean }) {
  const database = await createTestDatabase(t)
  await fill(database.pool)
  if (isAnalyzed) await database.pool.query('VACUUM ANALYZE')
  const app = await createTestApp(t, { database })
  const cases = [
    ...bookingCases(DEFAULT_TENANT, [HOT, 1500]),
    ...(await eventCases(database.pool, DEFAULT_TENANT)),
    ...otherCases(app.readPrisma, DEFAULT_TENANT),
  ]
  for (const [i, tenantId] of SMALL.entries()) {
    const eventId = EVENTS + 2 + i * SMALL_EVENTS
    cases.push(...bookingCases(tenantId, [eventId]))
    cases.push(...(await eventCases(database.pool, tenantId)))
    // These are another's.
    cases.push(...otherCases(app.readPrisma, tenantId), ...bookingCases(tenantId, [HOT]))
  }
  const openExplained = async (t: Test, mode: PlanMode) => {
    const client = new pg.Client({ connectionString: database.url, types })
    await client.connect()
    t.teardown(() => client.end())
    const settings = { statementTimeoutMs: 600_000, lockTimeoutMs: 60_000, isReadOnly: true }
    await prepareSession(client, database.url, settings)
    await client.query('BEGIN')
    return explainReads(client, mode)
  }
  return { pool: database.pool, cases, openExplained }
}

/** The cases that read more than they may. */
async function excessive(sql: Explained, cases: readonly Case[]): Promise<string[]> {
  const found: string[] = []
  for (const { name, read, maxRows } of cases) {
    await read(sql)
    const { rowsRead } = sql.takeCounts()
    if (rowsRead > maxRows) found.push(`${name}: ${rowsRead} rows, more than ${maxRows}`)
  }
  return found
}

t.test('no page reads more rows than it shows, without statistics', async (t) => {
  const { cases, openExplained } = await createFilled(t, { isAnalyzed: false })
  for (const mode of ['force_generic_plan', 'force_custom_plan'] as const) {
    t.same(await excessive(await openExplained(t, mode), cases), [], mode)
  }
})

t.test('no page reads more rows than it shows', async (t) => {
  const { pool, cases, openExplained } = await createFilled(t, { isAnalyzed: true })
  for (const mode of ['force_generic_plan', 'force_custom_plan'] as const) {
    await t.test(`${cases.length} pages, ${mode}`, async (t) => {
      t.same(await excessive(await openExplained(t, mode), cases), [])
    })
  }

  // The control: without its index a list reads more.
  await pool.query(
    'DROP INDEX bookings_event_id_id_confirmed_idx, event_listings_tenant_id_upcoming_idx',
  )
  const sql = await openExplained(t, 'force_generic_plan')
  const found = await excessive(sql, cases)
  t.ok(
    found.some((text) => text.startsWith('bookings')),
    'bookings of an event',
  )
  t.ok(
    found.some((text) => text.startsWith('events')),
    'events to come',
  )
})
