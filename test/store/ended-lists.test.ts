import pg from 'pg'
import t, { type Test } from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { EndReason } from '../../src/domain/model.ts'
import { prepareSession } from '../../src/store/connections/session.ts'
import { listEndedBookings, type EndedQuery } from '../../src/store/reads/ended-lists.ts'
import { MAX_LOOKED_AT } from '../../src/store/reads/page.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase, types, type TestDatabase } from '../helpers/database.ts'
import { explainReads, type PlanMode } from '../helpers/explained.ts'
import { walk } from '../helpers/lists.ts'

// The promise: page by page a list of what has ended gives what one plain statement gives; and a page
// reads about as many rows as it shows, whatever others have.

const ENDED = 12_000
const HOT = 1
const LIMIT = 20
/** Has thirty where another has nearly all, and events and users that are called as most are. */
const SMALL = 'acme'
/** Rows that tell of no last state, and are not shown: one in 500. */
const UNTOLD = 2

const REASONS: readonly (readonly EndReason[])[] = [['expired'], ['cancelled', 'released']]
const ORDERS = ['asc', 'desc'] as const

/** Nearly all is one tenant's, at one event; many end at one moment, and a tenth is over. */
async function fill(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO events (name, total_seats, tenant_id)
     SELECT 'E' || n, 1000000, CASE WHEN n BETWEEN 41 AND 50 THEN $1 ELSE $2 END FROM generate_series(1, 5000) AS n`,
    [SMALL, DEFAULT_TENANT],
  )
  await pool.query('UPDATE events SET deleted_at = now() WHERE id = 40')
  await pool.query(
    `INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id, seats, reason, expired_at)
     SELECT n, event, CASE WHEN event > 40 THEN $3 ELSE $4 END,
       CASE WHEN n % 3 = 0 THEN 'ann' ELSE 'user' || n % 7 END,
       CASE WHEN n % 500 = 0 THEN NULL ELSE 1 END,
       (ARRAY['expired', 'cancelled', 'released'])[n % 3 + 1],
       date_trunc('minute', now() - n % 10 * interval '17 hours')
     FROM generate_series(1, $1::int) AS n
     CROSS JOIN LATERAL (SELECT CASE WHEN n % 600 = 1 THEN 41 + n / 600 % 10
       WHEN n % 100 = 7 THEN n / 100 % 39 + 2 ELSE $2::int END) AS e(event)`,
    [ENDED, HOT, SMALL, DEFAULT_TENANT],
  )
  // More in a row than a page looks at.
  await pool.query(
    `INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id, seats, reason, expired_at)
     SELECT 1000000 + n, 40, $2, 'gone', 1, 'expired', now() - interval '1 hour'
     FROM generate_series(1, $1::int) AS n`,
    [2 * MAX_LOOKED_AT, DEFAULT_TENANT],
  )
  await pool.query('VACUUM ANALYZE')
}

type Given = Omit<EndedQuery, 'after' | 'limit'>

function* queries(): Generator<Given> {
  for (const tenantId of [DEFAULT_TENANT, SMALL, 'none'])
    for (const eventId of [undefined, HOT, 9, 40, 41])
      for (const userId of [undefined, 'ann', 'user2', 'nobody'])
        for (const reasons of REASONS)
          for (const order of ORDERS) yield { tenantId, eventId, userId, reasons, order }
}

/** The ids in one statement. */
async function plain(pool: pg.Pool, given: Given): Promise<number[]> {
  const { tenantId, eventId = null, userId = null, reasons, order = 'asc' } = given
  const { rows } = await pool.query<{ id: number }>(
    `SELECT booking_id::int AS id FROM expired_holds
     WHERE tenant_id = $1 AND event_id = COALESCE($2, event_id) AND user_id = COALESCE($3, user_id)
       AND reason = ANY($4) AND seats IS NOT NULL AND expired_at > now() - interval '7 days'
       AND event_id NOT IN (SELECT id FROM events WHERE deleted_at IS NOT NULL)
     ORDER BY expired_at ${order}, booking_id ${order}`,
    [tenantId, eventId, userId, reasons],
  )
  return rows.map(({ id }) => id)
}

t.test('page by page all of it, each once, in order', async (t) => {
  const database = await createTestDatabase(t)
  await fill(database.pool)
  const { readPrisma } = await createTestApp(t, { database })
  let shortPages = 0
  for (const given of queries()) {
    const { ids, short } = await walk(
      (after, limit) => listEndedBookings(readPrisma, { ...given, after, limit }),
      () => 1000,
    )
    const expected = await plain(database.pool, given)
    t.same(ids, expected, `${JSON.stringify(given)}: ${ids.length}, ${short} pages are short`)
    shortPages += short
  }
  t.ok(shortPages > 0, 'some pages have looked at as many rows as they may')
})

async function excessive(
  t: Test,
  { url, pool }: Pick<TestDatabase, 'url' | 'pool'>,
  mode: PlanMode,
  given: Iterable<Given> = queries(),
): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, types })
  await client.connect()
  t.teardown(() => client.end())
  const settings = { statementTimeoutMs: 600_000, lockTimeoutMs: 60_000, isReadOnly: true }
  await prepareSession(client, url, settings)
  await client.query('BEGIN')
  const sql = await explainReads(client, mode)
  const { rows } = await pool.query<{ at: string; partitions: number }>(
    `SELECT date_trunc('minute', now() - interval '2 days')::text AS at, count(*)::int AS partitions
     FROM pg_inherits WHERE inhparent = 'expired_holds'::regclass`,
  )
  const [{ at, partitions } = { at: '', partitions: 0 }] = rows
  const found: string[] = []
  for (const query of given) {
    // What is not to be shown is passed over, as far as a page looks: others' at an event, and what was
    // of the event that is deleted.
    const isFiltered =
      query.userId !== undefined ? query.eventId !== undefined : query.reasons.includes('expired')
    const looked = isFiltered ? MAX_LOOKED_AT : LIMIT + 1 + UNTOLD
    // Each with its event, and of each partition the first.
    const maxRows = query.reasons.length * 2 * (looked + partitions)
    for (const after of [undefined, [at, 10_000]]) {
      await listEndedBookings(sql, { ...query, after, limit: LIMIT })
      const { rowsRead } = sql.takeCounts()
      if (rowsRead > maxRows) found.push(`${JSON.stringify({ ...query, after })}: ${rowsRead}`)
    }
  }
  // A lock on the table would be in the way of who drops an index.
  await client.query('ROLLBACK')
  return found
}

t.test('no page reads many more rows than it shows', async (t) => {
  const database = await createTestDatabase(t)
  await fill(database.pool)
  for (const mode of ['force_generic_plan', 'force_custom_plan'] as const) {
    t.same(await excessive(t, database, mode), [], mode)
  }
  await database.pool.query('DROP INDEX expired_holds_event_id_reason_expired_at_booking_id_idx')
  const ofEvent: Given = { tenantId: DEFAULT_TENANT, eventId: HOT, reasons: ['expired'] }
  const found = await excessive(t, database, 'force_generic_plan', [ofEvent])
  t.not(found.length, 0, 'the control: without its index')
})
