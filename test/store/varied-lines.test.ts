import type pg from 'pg'
import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { eventsToSettle, FIRST_ROUND, MAX_VARIED_LOOKED_AT } from '../../src/store/gathered.ts'
import { FEW_KINDS } from '../../src/store/varied-lines.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { watchCosts } from '../helpers/plans.ts'

// The promise: lines whose entries wait for many different things make no look of the sweeper long,
// whosever they are and however many, and hide nobody else's event from it.

const LINES = 60
const KINDS = 200

interface Given {
  readonly tenant: string
  readonly kinds: number
  /** Whether the last of them has room. */
  readonly isServable: boolean
}

/** Events with a seat left, each with a line of so many kinds; their ids. */
async function insert(pool: pg.Pool, given: readonly Given[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (tenant_id, name, total_seats)
     SELECT tenant, 'Event', 1000 FROM jsonb_to_recordset($1) AS g(tenant text) RETURNING id`,
    [JSON.stringify(given)],
  )
  const ids = rows.map(({ id }) => id)
  const events = JSON.stringify(given.map((each, i) => ({ ...each, id: ids[i] })))
  const each = `jsonb_to_recordset($1) AS g(id int, kinds int, "isServable" boolean)
    CROSS JOIN LATERAL generate_series(1, kinds) AS kind`
  await pool.query(
    `INSERT INTO event_pools (event_id, key, capacity)
     SELECT id, 'p' || kind, CASE WHEN "isServable" AND kind = kinds THEN 1 ELSE 0 END FROM ${each}`,
    [events],
  )
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id, lines)
     SELECT id, 'w' || kind, jsonb_build_array(jsonb_build_object('ticket_type', 't', 'seats', 1,
       'pools', ARRAY['p' || kind])) FROM ${each}`,
    [events],
  )
  return ids
}

t.test('many varied lines of one tenant', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  const varied = { tenant: DEFAULT_TENANT, kinds: KINDS, isServable: false }
  const theirs = await insert(
    pool,
    Array.from({ length: LINES }, (_, i) => ({ ...varied, isServable: i === LINES / 2 })),
  )
  const others = await insert(pool, [
    { tenant: 'other', kinds: KINDS, isServable: true },
    { tenant: 'other', kinds: FEW_KINDS, isServable: true },
    { ...varied, kinds: FEW_KINDS, isServable: true },
    { ...varied, kinds: FEW_KINDS, isServable: false },
  ])
  await pool.query('ANALYZE')

  let { events, next } = await eventsToSettle(prisma, FIRST_ROUND)
  const found = new Set(events.map(({ id }) => id))
  t.ok(
    others.slice(0, 3).every((id) => found.has(id)),
    'those of others, and others of theirs, are found at the first look',
  )
  t.notOk(found.has(others[3] ?? 0), 'nobody can be served there')

  const costs = await watchCosts(t, url)((sql) => eventsToSettle(sql, FIRST_ROUND))
  const rows = costs.reduce((sum, cost) => sum + cost.rows, 0)
  // Of each line a few kinds; of some all, each with its pool and its first entry.
  const most = 10 * (LINES * FEW_KINDS + MAX_VARIED_LOOKED_AT * KINDS)
  t.ok(rows <= most && most < 2 * LINES * KINDS, `${rows} rows, at most ${most}`, { costs })

  const servable = theirs[LINES / 2] ?? 0
  let looks = 1
  for (; !found.has(servable) && looks <= LINES; looks += 1) {
    ;({ events, next } = await eventsToSettle(prisma, next))
    for (const { id } of events) found.add(id)
  }
  t.ok(found.has(servable), `theirs has its turn too, at look ${looks} of ${LINES} at the most`)
})
