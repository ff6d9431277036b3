import type pg from 'pg'
import t from 'tap'
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
const LIMIT = 100
const OURS = { tenantId: DEFAULT_TENANT, limit: LIMIT }
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
type Read = (sql: Reader, after: Position | undefined) => Promise<Page<object> | null>

const numberAt = (after: Position | undefined, i: number) => Number(after?.[i] ?? 0)
const idAfter = (after: Position | undefined) => ({
  afterId: after === undefined ? undefined : numberAt(after, 0),
})
const byId = { ...OURS, sort: 'id', order: 'asc' } as const
const ended = { ...OURS, eventId: EVENT, reasons: ['expired', 'cancelled'] } as const

const LISTS: Record<string, Read> = {
  events: (sql, after) => listEvents(sql, { ...byId, after }),
  'events by name': (sql, after) => listEvents(sql, { ...byId, name: 'concert', after }),
  bookings: (sql, after) => listBookings(sql, { ...OURS, ...idAfter(after) }),
  'bookings of an event': (sql, after) =>
    listBookings(sql, { ...OURS, ...idAfter(after), eventId: EVENT }),
  'bookings that have ended': (sql, after) => listEndedBookings(sql, { ...ended, after }),
  waitlist: (sql, after) =>
    listWaitlist(sql, {
      ...{ ...OURS, eventId: EVENT },
      ...{ afterId: numberAt(after, 0), before: numberAt(after, 1) },
    }),
  history: (sql, after) => listHistory(sql, { ...OURS, eventId: EVENT, after: numberAt(after, 0) }),
  'history of batches': (sql, after) =>
    listHistory(sql, { ...OURS, eventId: EVENT + 1, after: numberAt(after, 0) }),
}

const bytesOf = (value: unknown): number =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each))
    .length

/** What rows are in the order of. */
function keyOf(row: object): number {
  const { id, sequence, entry } = row as { id?: number; sequence?: number; entry?: { id: number } }
  return id ?? sequence ?? entry?.id ?? NaN
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
  for (const [name, read] of Object.entries(LISTS)) {
    received = 0
    const keys: number[] = []
    const pages: number[] = []
    let after: Position | undefined
    for (;;) {
      const page = await read(sql, after)
      if (page === null) throw new Error('there is no such list')
      pages.push(page.rows.length)
      keys.push(...page.rows.map(keyOf))
      const [bytes, lastBytes] = [bytesOf(page.rows), bytesOf(page.rows.at(-1) ?? null)]
      t.ok(bytes - lastBytes < MAX_PAGE_BYTES, `${name}: ${bytes} bytes, the last ${lastBytes}`)
      if (page.next === null) break
      after = page.next
    }
    const inOrder = [...new Set(keys)].sort((a, b) => a - b)
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
