import type pg from 'pg'
import t, { type Test } from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { listEvents, MAX_LOOKED_THROUGH } from '../../src/store/reads/event-lists.ts'
import { MAX_LOOKED_AT } from '../../src/store/reads/page.ts'
import { passStarted } from '../../src/store/started.ts'
import { createLists, plainIds, walk } from '../helpers/lists.ts'

// The promise: page by page a list gives what one plain statement gives, each row once, in order.

const ORDERS = ['asc', 'desc'] as const
/** Sorts after the one that has most. */
const OTHER = 'zenith'
/** More in a row than a page looks at. */
const MANY = MAX_LOOKED_AT + 100

const NAMES = [
  'Ängström',
  'a%b',
  'a_b',
  'a\\b',
  'axb',
  'STRASSE',
  'straße',
  'İstanbul',
  '東京 2026',
  'zz',
]
const TEXTS = [
  ...NAMES,
  'ÄNG',
  '%',
  '_',
  '\\',
  'b',
  '京',
  'a',
  'ast',
  'concert',
  'Rare one',
  'is in no name',
]

/** Events of two tenants, with names and starts that others have too, without a start, past, to come, and deleted. */
async function fillEvents(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO events (tenant_id, name, total_seats, starts_at, deleted_at)
     SELECT CASE WHEN n % 7 < 2 THEN $3 ELSE $4 END, ($1::text[])[1 + n % 10] || CASE WHEN n % 3 = 0 THEN ' Concert' ELSE '' END, 1,
       CASE WHEN n % 4 > 0 THEN date_trunc('day', now()) + (n / 4 - 250) * interval '1.5 hours' END,
       CASE WHEN n BETWEEN 700 AND $2 + 700 OR n % 50 = 0 THEN now() END
     FROM generate_series(1, 2500) AS n`,
    [NAMES, MANY, OTHER, DEFAULT_TENANT],
  )
  await pool.query(
    `INSERT INTO events (name, total_seats) VALUES ('A rare one', 1), ('another RARE ONE', 1)`,
  )
  // Some are as they were before they started.
  await pool.query(
    'UPDATE event_listings SET is_upcoming = true WHERE starts_at < now() AND event_id % 2 = 0',
  )
}

const PLAIN_ORDER = {
  id: (direction: string) => `id ${direction}`,
  name: (direction: string) => `name::text ${direction}, id ${direction}`,
  starts_at: (direction: string) => `starts_at ${direction} NULLS LAST, id ${direction}`,
}

t.test('events, by all filters and orders', async (t) => {
  const { readPrisma, prisma, limitOf } = await createLists(t, fillEvents)
  const compare = async (
    t: Test,
    tenantId: string,
    texts: readonly (string | undefined)[],
  ): Promise<void> => {
    for (const name of texts)
      for (const upcoming of [undefined, true])
        for (const sort of ['id', 'name', 'starts_at'] as const)
          for (const order of ORDERS) {
            const query = { tenantId, name, upcoming, sort, order }
            const { ids, short } = await walk(
              (after, limit) => listEvents(readPrisma, { ...query, after, limit }),
              limitOf,
            )
            const where = ['deleted_at IS NULL', 'tenant_id = $1']
            if (upcoming) where.push('starts_at > now()')
            if (name !== undefined) where.push('strpos(lower(name), lower($2)) > 0')
            const values = name === undefined ? [tenantId] : [tenantId, name]
            const by = PLAIN_ORDER[sort](order)
            const plain = await plainIds(readPrisma, 'events', where, by, values)
            t.same(ids, plain, `${JSON.stringify(query)}: ${ids.length}, ${short} pages are short`)
          }
  }
  await compare(t, DEFAULT_TENANT, [undefined, ...TEXTS])
  await compare(t, OTHER, [undefined, 'straße', 'a', 'ast', 'concert', 'Rare one'])
  await compare(t, 'has none', [undefined, 'a', 'concert', 'Rare one'])
  while (!(await passStarted(prisma)).isDone);
  t.same(
    await plainIds(
      readPrisma,
      'events JOIN event_listings ON event_id = id',
      [`is_upcoming AND event_listings.starts_at < now() - interval '2 minutes'`],
      'id',
      [],
    ),
    [],
    'none that has started is left among those to come',
  )
  await compare(t, DEFAULT_TENANT, [undefined, 'concert'])
})

t.test('a listing that says another tenant shows that one nothing', async (t) => {
  const { pool, readPrisma } = await createLists(t, async (pool) => {
    await pool.query(
      `INSERT INTO events (tenant_id, name, total_seats, starts_at)
       SELECT $1, 'Concert ' || n, 1, now() + interval '1 day' FROM generate_series(1, 3) AS n`,
      [OTHER],
    )
  })
  const shownTo = async (tenantId: string): Promise<number[]> => {
    const shown: number[] = []
    for (const name of [undefined, 'concert'])
      for (const upcoming of [undefined, true])
        for (const sort of ['id', 'name', 'starts_at'] as const) {
          const query = { tenantId, name, upcoming, sort, order: 'asc', after: undefined } as const
          const { rows } = await listEvents(readPrisma, { ...query, limit: 100 })
          shown.push(...rows.map(({ id }) => id))
        }
    return shown
  }
  t.equal((await shownTo(OTHER)).length, 3 * 12, 'each of them, each time')
  await pool.query('UPDATE event_listings SET tenant_id = $1', [DEFAULT_TENANT])
  t.same(await shownTo(DEFAULT_TENANT), [])
})

t.test('events with a text that many have, all late in the order', async (t) => {
  const before = MAX_LOOKED_THROUGH + 100
  const { readPrisma, limitOf } = await createLists(t, async (pool) => {
    await pool.query(
      `INSERT INTO events (name, total_seats)
       SELECT CASE WHEN n <= $1 THEN 'Play' ELSE 'Common Concert' END, 1
       FROM generate_series(1, $1 + 2000) AS n`,
      [before],
    )
  })
  const common = { name: 'mon con', sort: 'id', order: 'asc' } as const
  const query = { tenantId: DEFAULT_TENANT, ...common }
  const { ids, short } = await walk(
    (after, limit) => listEvents(readPrisma, { ...query, after, limit }),
    limitOf,
  )
  t.equal(ids.length, 2000)
  t.equal(short, 1, 'the first page has looked at as many as it may')
})
