import type pg from 'pg'
import t, { type Test } from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { listBookings } from '../../src/store/reads/booking-lists.ts'
import { listEndedBookings } from '../../src/store/reads/ended-lists.ts'
import { listEvents } from '../../src/store/reads/event-lists.ts'
import { listHistory } from '../../src/store/reads/history.ts'
import { MAX_PAGE_BYTES, type Page } from '../../src/store/reads/page.ts'
import type { Position } from '../../src/store/reads/position.ts'
import { listWaitlist } from '../../src/store/reads/waitlist.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'

// The promise: a page ends where it has come to so many bytes, and no more than that and one row come from
// the database; page by page there is all of the list, each row once.

const ROWS = 30
/** Of them the last is more than a page by itself. */
const ROW_BYTES = 150_000
const LAST_BYTES = 1_500_000
/** The row with which a page is full comes long before the limit, behind it, or with it. */
const LIMITS = [100, 7, 6]
const OURS = { tenantId: DEFAULT_TENANT }
/** Has all but the events of the list of events. */
const EVENT = 1000

const METADATA = `json_build_object('text', repeat('x', CASE n WHEN ${ROWS} THEN ${LAST_BYTES} ELSE ${ROW_BYTES} END))`
const NUMBERS = `generate_series(1, ${ROWS}) AS n`
const FACT = `json_build_object('type', 'waitlisted', 'user_id', 'ann', 'seats_before', 0,
  'seats_after', 1, 'waitlist_entry_id', 1, 'metadata', ${METADATA})`

async function fill(pool: pg.Pool): Promise<void> {
  for (const statement of [
    `INSERT INTO events (name, total_seats, metadata) SELECT 'Concert', 1, ${METADATA} FROM ${NUMBERS}`,
    `INSERT INTO events (id, name, total_seats, tenant_id)
     VALUES (${EVENT}, 'Full', 1000, '${DEFAULT_TENANT}'), (${EVENT + 1}, 'Batch', 1000, '${DEFAULT_TENANT}')`,
    `INSERT INTO bookings (event_id, user_id, metadata, status, expires_at)
     SELECT ${EVENT}, 'ann' || n, ${METADATA}, CASE WHEN n % 3 = 0 THEN 'held' ELSE 'confirmed' END,
       CASE WHEN n % 3 = 0 THEN now() + interval '1 day' END FROM ${NUMBERS}`,
    `INSERT INTO expired_holds (booking_id, event_id, user_id, seats, reason, metadata)
     SELECT n, ${EVENT}, 'ann', 1, CASE WHEN n % 3 = 0 THEN 'expired' ELSE 'cancelled' END, ${METADATA} FROM ${NUMBERS}`,
    `INSERT INTO waitlist_entries (event_id, user_id, metadata)
     SELECT ${EVENT}, 'bob' || n, ${METADATA} FROM ${NUMBERS}`,
    `INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
     SELECT ${EVENT}, n, n, now(), json_build_array(${FACT}) FROM ${NUMBERS}`,
    `INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
     SELECT ${EVENT + 1}, min(n), max(n), now(), json_agg(${FACT} ORDER BY n) FROM ${NUMBERS} GROUP BY n / 20`,
  ]) {
    await pool.query(statement)
  }
}

type Reader = PrismaClient
interface Way {
  readonly after: Position | undefined
  readonly limit: number
}
type Read = (sql: Reader, way: Way) => Promise<Page<object> | null>

const numberAt = (after: Position | undefined, i: number) => Number(after?.[i] ?? 0)
const idAfter = (after: Position | undefined) => ({
  afterId: after === undefined ? undefined : numberAt(after, 0),
})
const byId = { ...OURS, sort: 'id', order: 'asc' } as const
const ended = { ...OURS, eventId: EVENT, reasons: ['expired', 'cancelled'] } as const

const LISTS: Record<string, Read> = {
  events: (sql, way) => listEvents(sql, { ...byId, ...way }),
  'events, the last first': (sql, way) => listEvents(sql, { ...byId, ...way, order: 'desc' }),
  'events by name': (sql, way) => listEvents(sql, { ...byId, ...way, name: 'concert' }),
  bookings: (sql, { after, limit }) => listBookings(sql, { ...OURS, limit, ...idAfter(after) }),
  'bookings of an event': (sql, { after, limit }) =>
    listBookings(sql, { ...OURS, limit, ...idAfter(after), eventId: EVENT }),
  'bookings, the last first': (sql, { after, limit }) =>
    listBookings(sql, { ...OURS, limit, ...idAfter(after), order: 'desc' }),
  'bookings that have ended': (sql, way) => listEndedBookings(sql, { ...ended, ...way }),
  'the last first of those': (sql, way) =>
    listEndedBookings(sql, { ...ended, ...way, order: 'desc' }),
  waitlist: (sql, { after, limit }) =>
    listWaitlist(sql, {
      ...{ ...OURS, eventId: EVENT, limit },
      ...{ afterId: numberAt(after, 0), before: numberAt(after, 1) },
    }),
  history: (sql, { after, limit }) =>
    listHistory(sql, { ...OURS, limit, eventId: EVENT, after: numberAt(after, 0) }),
  'history of batches': (sql, { after, limit }) =>
    listHistory(sql, { ...OURS, limit, eventId: EVENT + 1, after: numberAt(after, 0) }),
}

const bytesOf = (value: unknown): number =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each))
    .length

/** What rows are in the order of. */
function keyOf(row: object): number {
  const { id, sequence, entry } = row as { id?: number; sequence?: number; entry?: { id: number } }
  return id ?? sequence ?? entry?.id ?? NaN
}

/** Reads a list to its end, page by page. */
async function readAll(t: Test, name: string, read: (way: Way) => ReturnType<Read>, limit: number) {
  const keys: number[] = []
  const pages: number[] = []
  let after: Position | undefined
  do {
    const page = await read({ after, limit })
    if (page === null) throw new Error('there is no such list')
    pages.push(page.rows.length)
    keys.push(...page.rows.map(keyOf))
    const [bytes, lastBytes] = [bytesOf(page.rows), bytesOf(page.rows.at(-1) ?? null)]
    t.ok(bytes - lastBytes < MAX_PAGE_BYTES, `${name}: ${bytes} bytes, the last ${lastBytes}`)
    after = page.next ?? undefined
  } while (after !== undefined)
  return { keys, pages }
}

t.test('pages end where they are full of bytes', async (t) => {
  const database = await createTestDatabase(t)
  await fill(database.pool)
  const { readPrisma } = await createTestApp(t, { database })
  let received = 0
  const sql = new Proxy(readPrisma, {
    get: (target, name): unknown =>
      name !== '$queryRaw'
        ? Reflect.get(target, name)
        : async (...asked: Parameters<Reader['$queryRaw']>) => {
            const rows = await target.$queryRaw(...asked)
            received = Math.max(received, bytesOf(rows))
            return rows
          },
  })
  const cases = Object.entries(LISTS).flatMap((list) =>
    LIMITS.map((limit) => [...list, limit] as const),
  )
  for (const [list, read, limit] of cases) {
    received = 0
    const name = `${list}, ${limit} a page`
    const { keys, pages } = await readAll(t, name, (way) => read(sql, way), limit)
    const sign = list.includes('last first') ? -1 : 1
    const inOrder = [...new Set(keys)].sort((a, b) => sign * (a - b))
    t.same(keys, inOrder, `${name}: each once, in order`)
    t.ok(keys.length >= ROWS, `${name}: ${keys.length} rows`)
    t.ok(
      pages.length >= 4 && Math.min(...pages.slice(0, -1)) > 0,
      `${name}: pages of ${pages.join(', ')}`,
    )
    const most = MAX_PAGE_BYTES + LAST_BYTES
    t.ok(received < most, `${name}: ${received} bytes at once from the database`)
  }
})
