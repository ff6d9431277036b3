import type pg from 'pg'
import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { listBookings } from '../../src/store/reads/booking-lists.ts'
import { MAX_LOOKED_AT } from '../../src/store/reads/page.ts'
import type { Position } from '../../src/store/reads/position.ts'
import { createLists, plainIds, walk } from '../helpers/lists.ts'

// The promise: page by page a list gives what one plain statement gives, each row once, in order.

const ORDERS = ['asc', 'desc'] as const
const STATUSES = [undefined, 'confirmed', 'held'] as const
/** Sorts before the one that has most. */
const OTHER = 'acme'
/** More in a row than a page looks at. */
const MANY = MAX_LOOKED_AT + 100

/**
 * Bookings of three events and some users, holds that have expired, and an event that is deleted. One
 * event in seven, and one of the three, is another tenant's; users are called alike there.
 */
async function fillBookings(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO events (name, total_seats, tenant_id)
     SELECT 'E' || n, 100000, CASE WHEN n % 7 = 2 THEN $1 ELSE $2 END FROM generate_series(1, 900) AS n`,
    [OTHER, DEFAULT_TENANT],
  )
  const book = `INSERT INTO bookings (event_id, tenant_id, user_id, status, expires_at)
    SELECT e, (SELECT tenant_id FROM events WHERE id = e), u || CASE WHEN e <= 3 THEN n::text ELSE '' END, s, CASE WHEN s = 'held' THEN now() + x END
    FROM (SELECT n, CASE WHEN n % 5 = 0 THEN n / 5 + 10 ELSE n % 3 + 1 END AS e,
        CASE WHEN n % 5 = 0 THEN 'ann' ELSE 'user' END AS u,
        CASE WHEN n % 4 = 0 THEN 'held' ELSE 'confirmed' END AS s,
        CASE WHEN n % 8 = 0 THEN interval '1 day' ELSE interval '-1 day' END AS x
      FROM generate_series($1::int, $2::int) AS n) AS given`
  await pool.query(book, [1, 1000])
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT 1, 'late' || n, 'held', now() - interval '1 day' FROM generate_series(1, $1::int) AS n`,
    [MANY],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, user_id) SELECT 4, 'gone' || n FROM generate_series(1, $1::int) AS n`,
    [MANY],
  )
  await pool.query(book, [1001, 2000])
  await pool.query('UPDATE events SET deleted_at = now() WHERE id IN (4, 20, 21)')
}

const IS_LIVE = `(status = 'confirmed' OR expires_at > now())
  AND event_id NOT IN (SELECT id FROM events WHERE deleted_at IS NOT NULL)`

type Subject = readonly [tenantId: string, eventId: number | undefined, userId: string | undefined]

function* subjects(): Generator<Subject> {
  for (const tenantId of [DEFAULT_TENANT, OTHER, 'has none'])
    for (const eventId of [undefined, 1, 2, 4, 20, 30, 901])
      for (const userId of [undefined, 'ann', 'user1', 'nobody']) yield [tenantId, eventId, userId]
}

function idIn(after: Position | undefined): number | undefined {
  return after === undefined ? undefined : Number(after[0])
}

t.test('bookings, by all filters', async (t) => {
  const { readPrisma, limitOf } = await createLists(t, fillBookings)
  let shortPages = 0
  for (const [tenantId, eventId, userId] of subjects())
    for (const [status, order] of STATUSES.flatMap((s) => ORDERS.map((o) => [s, o] as const))) {
      const { ids, short } = await walk(
        (after, limit) =>
          listBookings(readPrisma, {
            tenantId,
            eventId,
            userId,
            status,
            order,
            afterId: idIn(after),
            limit,
          }),
        limitOf,
      )
      const given = { tenant_id: tenantId, event_id: eventId, user_id: userId, status }
      const filters = Object.entries(given).filter(([, value]) => value !== undefined)
      const where = filters.map(([column], i) => `${column} = $${i + 1}`)
      const values = filters.map(([, value]) => value)
      const plain = await plainIds(
        readPrisma,
        'bookings',
        [IS_LIVE, ...where],
        `id ${order}`,
        values,
      )
      t.same(
        ids,
        plain,
        `${JSON.stringify(given)} ${order}: ${ids.length}, ${short} pages are short`,
      )
      shortPages += short
    }
  t.ok(shortPages > 0, 'some pages have looked at as many rows as they may')
})

for (const order of ORDERS)
  t.test(`bookings that come and go meanwhile move no others, ${order}`, async (t) => {
    const { pool, readPrisma } = await createLists(t, fillBookings)
    const stays = new Set(
      await plainIds(
        readPrisma,
        'bookings',
        [IS_LIVE, 'event_id = 1', 'id % 7 > 0'],
        `id ${order}`,
        [],
      ),
    )
    const { ids } = await walk(
      (after, limit) =>
        listBookings(readPrisma, {
          tenantId: DEFAULT_TENANT,
          eventId: 1,
          order,
          afterId: idIn(after),
          limit,
        }),
      () => 10,
      async () => {
        await pool.query(
          'DELETE FROM bookings WHERE id IN (SELECT id FROM bookings WHERE id % 7 = 0 LIMIT 20)',
        )
        await pool.query(
          `INSERT INTO bookings (event_id, user_id) VALUES (3, gen_random_uuid()::text)`,
        )
      },
    )
    t.same(
      ids,
      [...new Set(ids)].sort((a, b) => (order === 'asc' ? a - b : b - a)),
      'in order, each once',
    )
    t.same(
      ids.filter((id) => stays.has(id)),
      [...stays],
      'and all that stayed',
    )
  })
