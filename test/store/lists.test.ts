import type pg from 'pg'
import t, { type Test } from 'tap'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { listBookings } from '../../src/store/reads/booking-lists.ts'
import { listEvents, MAX_LOOKED_THROUGH } from '../../src/store/reads/event-lists.ts'
import { MAX_LOOKED_AT, type Page } from '../../src/store/reads/page.ts'
import type { Position } from '../../src/store/reads/position.ts'
import { passStarted } from '../../src/store/started.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { randomOf, seedFor } from '../helpers/random.ts'

// The promise: page by page a list gives what one plain statement gives, each row once, in order.

const STATUSES = [undefined, 'confirmed', 'held'] as const
const ORDERS = ['asc', 'desc'] as const
/** More in a row than a page looks at. */
const MANY = MAX_LOOKED_AT + 100

interface Row {
  readonly id: number
}

/** The ids of a list, page by page; `pages` counts them, `short` those that end before their limit. */
async function walk<R extends Row>(
  readPage: (after: Position | undefined, limit: number) => Promise<Page<R>>,
  limitOf: () => number,
  between: () => Promise<void> = async () => undefined,
) {
  const ids: number[] = []
  let short = 0
  let after: Position | undefined
  for (;;) {
    const limit = limitOf()
    const { rows, next } = await readPage(after, limit)
    ids.push(...rows.map(({ id }) => id))
    if (next === null) return { ids, short }
    if (rows.length < limit) short += 1
    after = next
    await between()
  }
}

/** What a plain statement gives, in the session that the service would read in. */
async function plainIds(
  prisma: PrismaClient,
  from: string,
  where: readonly string[],
  order: string,
  values: unknown[],
): Promise<number[]> {
  const rows = await prisma.$queryRawUnsafe<{ id: bigint | number }[]>(
    `SELECT id FROM ${from} WHERE ${['true', ...where].join(' AND ')} ORDER BY ${order}`,
    ...values,
  )
  return rows.map(({ id }) => Number(id))
}

async function create(t: Test, fill: (pool: pg.Pool) => Promise<void>) {
  const database = await createTestDatabase(t)
  await fill(database.pool)
  const { readPrisma, prisma } = await createTestApp(t, { database })
  const { below } = randomOf(seedFor(t))
  return { pool: database.pool, readPrisma, prisma, limitOf: () => 1 + below(100) }
}

/** Bookings of three events and some users, holds that have expired, and an event that is deleted. */
async function fillBookings(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO events (name, total_seats) SELECT 'E' || n, 100000 FROM generate_series(1, 900) AS n`,
  )
  const book = `INSERT INTO bookings (event_id, user_id, status, expires_at)
    SELECT e, u || CASE WHEN e <= 3 THEN n::text ELSE '' END, s, CASE WHEN s = 'held' THEN now() + x END
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

t.test('bookings, by all filters', async (t) => {
  const { readPrisma, limitOf } = await create(t, fillBookings)
  let shortPages = 0
  for (const eventId of [undefined, 1, 4, 20, 30, 901])
    for (const userId of [undefined, 'ann', 'user1', 'nobody'])
      for (const status of STATUSES) {
        const { ids, short } = await walk(
          (after, limit) =>
            listBookings(readPrisma, {
              eventId,
              userId,
              status,
              afterId: Number(after?.[0] ?? 0),
              limit,
            }),
          limitOf,
        )
        const given = { event_id: eventId, user_id: userId, status }
        const filters = Object.entries(given).filter(([, value]) => value !== undefined)
        const where = filters.map(([column], i) => `${column} = $${i + 1}`)
        const values = filters.map(([, value]) => value)
        const plain = await plainIds(readPrisma, 'bookings', [IS_LIVE, ...where], 'id', values)
        t.same(ids, plain, `${JSON.stringify(given)}: ${ids.length}, ${short} pages are short`)
        shortPages += short
      }
  t.ok(shortPages > 0, 'some pages have looked at as many rows as they may')
})

t.test('bookings that come and go meanwhile move no others', async (t) => {
  const { pool, readPrisma } = await create(t, fillBookings)
  const stays = new Set(
    await plainIds(readPrisma, 'bookings', [IS_LIVE, 'event_id = 1', 'id % 7 > 0'], 'id', []),
  )
  const { ids } = await walk(
    (after, limit) =>
      listBookings(readPrisma, { eventId: 1, afterId: Number(after?.[0] ?? 0), limit }),
    () => 10,
    async () => {
      await pool.query(
        'DELETE FROM bookings WHERE id IN (SELECT id FROM bookings WHERE id % 7 = 0 LIMIT 20)',
      )
      await pool.query(
        `INSERT INTO bookings (event_id, user_id) VALUES (2, gen_random_uuid()::text)`,
      )
    },
  )
  t.same(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
    'in order, each once',
  )
  t.same(
    ids.filter((id) => stays.has(id)),
    [...stays],
    'and all that stayed',
  )
})

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

/** Events with names and starts that others have too, without a start, past, to come, and deleted. */
async function fillEvents(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO events (name, total_seats, starts_at, deleted_at)
     SELECT ($1::text[])[1 + n % 10] || CASE WHEN n % 3 = 0 THEN ' Concert' ELSE '' END, 1,
       CASE WHEN n % 4 > 0 THEN date_trunc('day', now()) + (n / 4 - 250) * interval '1.5 hours' END,
       CASE WHEN n BETWEEN 700 AND $2 + 700 OR n % 50 = 0 THEN now() END
     FROM generate_series(1, 2500) AS n`,
    [NAMES, MANY],
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
  const { readPrisma, prisma, limitOf } = await create(t, fillEvents)
  const compare = async (t: Test, texts: readonly (string | undefined)[]): Promise<void> => {
    for (const name of texts)
      for (const upcoming of [undefined, true])
        for (const sort of ['id', 'name', 'starts_at'] as const)
          for (const order of ORDERS) {
            const query = { name, upcoming, sort, order }
            const { ids, short } = await walk(
              (after, limit) => listEvents(readPrisma, { ...query, after, limit }),
              limitOf,
            )
            const where = ['deleted_at IS NULL']
            if (upcoming) where.push('starts_at > now()')
            if (name !== undefined) where.push('strpos(lower(name), lower($1)) > 0')
            const values = name === undefined ? [] : [name]
            const by = PLAIN_ORDER[sort](order)
            const plain = await plainIds(readPrisma, 'events', where, by, values)
            t.same(ids, plain, `${JSON.stringify(query)}: ${ids.length}, ${short} pages are short`)
          }
  }
  await compare(t, [undefined, ...TEXTS])
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
  await compare(t, [undefined, 'concert'])
})

t.test('events with a text that many have, all late in the order', async (t) => {
  const before = MAX_LOOKED_THROUGH + 100
  const { readPrisma, limitOf } = await create(t, async (pool) => {
    await pool.query(
      `INSERT INTO events (name, total_seats)
       SELECT CASE WHEN n <= $1 THEN 'Play' ELSE 'Common Concert' END, 1
       FROM generate_series(1, $1 + 2000) AS n`,
      [before],
    )
  })
  const query = { name: 'mon con', sort: 'id', order: 'asc' } as const
  const { ids, short } = await walk(
    (after, limit) => listEvents(readPrisma, { ...query, after, limit }),
    limitOf,
  )
  t.equal(ids.length, 2000)
  t.equal(short, 1, 'the first page has looked at as many as it may')
})

/** The listings, as they have to be. */
const DUE = `SELECT id AS event_id, name, starts_at, COALESCE(starts_at > now(), false) AS is_upcoming
  FROM events WHERE deleted_at IS NULL`

t.test('what is listed follows the events, whoever writes', async (t) => {
  const { pool } = await create(t, async () => undefined)
  const rowsOf = async (sql: string) =>
    (await pool.query<{ event_id: number }>(`${sql} ORDER BY event_id`)).rows
  const listings = 'SELECT event_id, name, starts_at, is_upcoming FROM event_listings'
  const statements = [
    `INSERT INTO events (name, total_seats) VALUES ('a', 1)`,
    `INSERT INTO events (name, total_seats, starts_at)
     SELECT 'b' || n, 1, now() + (n - 2.5) * interval '1 day' FROM generate_series(1, 9) AS n`,
    `INSERT INTO events (name, total_seats, deleted_at) VALUES ('hidden', 1, now())`,
    `UPDATE events SET name = 'c' WHERE id > 3`,
    `UPDATE events SET starts_at = now() - interval '1 hour' WHERE id % 2 = 0`,
    `UPDATE events SET starts_at = now() + interval '1 hour' WHERE id = 1`,
    'UPDATE events SET starts_at = NULL WHERE id = 3',
    'UPDATE events SET deleted_at = now() WHERE id IN (5, 6)',
    `UPDATE events SET name = 'd' WHERE id = 5`,
    'UPDATE events SET deleted_at = NULL WHERE id = 5',
    `UPDATE events SET id = 99, name = 'e' WHERE id = 7`,
    'DELETE FROM events WHERE id IN (6, 8)',
    `INSERT INTO events (id, name, total_seats) VALUES (99, 'f', 1)
     ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name`,
    'DELETE FROM bookings; DELETE FROM events',
    `INSERT INTO events (name, total_seats) VALUES ('g', 1)`,
  ]
  for (const statement of statements) {
    await pool.query(statement)
    t.same(await rowsOf(listings), await rowsOf(DUE), statement)
  }
  await pool.query('TRUNCATE events CASCADE')
  t.same(await rowsOf(listings), [], 'TRUNCATE')
})

t.test('who may only write events need not know of what is listed', async (t) => {
  const { pool } = await create(t, async () => undefined)
  const role = `writer_${String(process.pid)}`
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`CREATE ROLE ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON events TO ${role};
      GRANT USAGE ON SEQUENCE events_id_seq TO ${role}; SET LOCAL ROLE ${role}`)
    await client.query(`INSERT INTO events (name, total_seats) VALUES ('a', 1), ('b', 1)`)
    await client.query(`UPDATE events SET name = 'c' WHERE name = 'a'`)
    await client.query(`DELETE FROM events WHERE name = 'b'`)
    await client.query('RESET ROLE')
    t.same((await client.query('SELECT name FROM event_listings')).rows, [{ name: 'c' }])
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
})

t.test(
  'what has started is passed while its event is locked, not while its listing is',
  async (t) => {
    const { pool, prisma } = await create(t, async () => undefined)
    await pool.query(
      `INSERT INTO events (name, total_seats, starts_at)
     SELECT 'E' || n, 1, now() - interval '1 hour' FROM generate_series(1, 3) AS n`,
    )
    await pool.query('UPDATE event_listings SET is_upcoming = true')
    const left = async () =>
      plainIds(prisma, 'events JOIN event_listings ON event_id = id', ['is_upcoming'], 'id', [])
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('SELECT FROM events WHERE id = 1 FOR UPDATE')
      await client.query('SELECT FROM event_listings WHERE event_id = 2 FOR UPDATE')
      t.same(await passStarted(prisma), { isDone: true })
      t.same(await left(), [2])
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
    await passStarted(prisma)
    t.same(await left(), [])
  },
)
