import t, { type Test } from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { Command } from '../../src/domain/commands.ts'
import { commandsOf, lockBatch } from '../../src/engine/lock.ts'
import type { LockMode } from '../../src/engine/group-commit.ts'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { loadState } from '../../src/store/load-state.ts'
import { existingEvents } from '../../src/store/lock-and-load.ts'
import { listBookings } from '../../src/store/reads/booking-lists.ts'
import {
  findEventsOfBookings,
  findExpiredHolds,
  readBookings,
} from '../../src/store/reads/bookings.ts'
import { readEvents } from '../../src/store/reads/events.ts'
import { listHistory } from '../../src/store/reads/history.ts'
import {
  entryKey,
  findEntries,
  findEventsOfEntries,
  listWaitlist,
  readEntries,
} from '../../src/store/reads/waitlist.ts'
import { provableRefusals } from '../../src/store/refusals.ts'
import {
  asCaller,
  cancel,
  changeEvent,
  confirm,
  deleteEvent,
  extend,
  leaveWaitlist,
  plainReserve,
  resize,
} from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { watchCosts, type Cost } from '../helpers/plans.ts'

// The promise: what is another tenant's is read as little of as what does not exist, by the same
// statements, however much belongs to it. So there is nothing to tell the two apart by.

const OWNER = 'acme'
const STRANGER = 'zenith'
/** Holds of the event that have expired, users in its line, and changes in its history. */
const MANY = 2000
const EVENT = 1
/** Of those holds and users, how many a batch looks at. */
const SETTLED = 10
const MISSING = 1_000_000_000
/** A row by which PostgreSQL sees whose a thing is: that of the thing, and that of its event. */
const MORE_ROWS = 2

/** What is read for a tenant, of the event and what belongs to it, or of what does not exist. */
type Read = (sql: PrismaClient, tenantId: string, id: number) => Promise<unknown>

const page = { afterId: 0, limit: 50 }
/** A booking or an entry of the event has an id like this. */
const ofEvent = (id: number): number => (id === MISSING ? MISSING : MANY / 2)

const READS: Readonly<Record<string, Read>> = {
  event: (sql, tenantId, id) => readEvents(sql, [{ id, tenantId }]),
  booking: (sql, tenantId, id) => readBookings(sql, [{ id: ofEvent(id), tenantId }]),
  eventOfBooking: (sql, tenantId, id) => findEventsOfBookings(sql, [{ id: ofEvent(id), tenantId }]),
  userOfExpiredHold: (sql, tenantId, id) => findExpiredHolds(sql, [{ id: ofEvent(id), tenantId }]),
  entry: (sql, tenantId, id) => readEntries(sql, [{ id: ofEvent(id), tenantId }]),
  eventOfEntry: (sql, tenantId, id) => findEventsOfEntries(sql, [{ id: ofEvent(id), tenantId }]),
  entryOf: (sql, tenantId, id) =>
    findEntries(sql, [entryKey({ eventId: id, tenantId, userId: 'user 5' })]),
  existingEvents: (sql, tenantId, id) => existingEvents(sql, [{ id, tenantId }]),
  'bookings of an event': (sql, tenantId, eventId) =>
    listBookings(sql, { tenantId, eventId, ...page }),
  'bookings of a user and an event': (sql, tenantId, eventId) =>
    listBookings(sql, { tenantId, eventId, userId: 'user 5', ...page }),
  'bookings of a user': (sql, tenantId) =>
    listBookings(sql, { tenantId, userId: 'user 5', ...page }),
  'all bookings': (sql, tenantId) => listBookings(sql, { tenantId, ...page }),
  waitlist: (sql, tenantId, eventId) =>
    listWaitlist(sql, { tenantId, eventId, before: 0, ...page }),
  history: (sql, tenantId, eventId) => listHistory(sql, { tenantId, eventId, after: 0, limit: 50 }),
}

/** What somebody can ask for of an event, or of what does not exist. */
const COMMANDS: Readonly<Record<string, (id: number) => Command>> = {
  reserve: (id) => plainReserve(id, 'user 5'),
  'reserve, or join the line': (id) => plainReserve(id, 'user 5', { waitlist: true }),
  confirm: (id) => confirm(id, ofEvent(id)),
  extend: (id) => extend(id, ofEvent(id)),
  cancel: (id) => cancel(id, ofEvent(id)),
  resize: (id) => resize(id, ofEvent(id), 2),
  'leave the line': (id) => leaveWaitlist(id, ofEvent(id)),
  change: (id) => changeEvent(id, { totalSeats: 5 }),
  'delete on a condition': (id) => deleteEvent(id, { isExpected: false }),
}

/** All that a batch reads before it decides. */
async function readBatch(sql: PrismaClient, mode: LockMode, commands: readonly Command[]) {
  const given = commands.map((command) => ({ command, idempotency: null }))
  const { loaded, free } = await lockBatch(sql, given, mode, 60_000, () => [])
  await loadState(sql, loaded, commandsOf(free), SETTLED)
}

/** An event with all that an event can have; the ids of all begin with 1. */
async function createFilled(t: Test) {
  const database = await createTestDatabase(t)
  const { pool } = database
  await pool.query(
    `INSERT INTO events (tenant_id, name, total_seats) VALUES ($1, 'Concert', 1e6)`,
    [OWNER],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, tenant_id, user_id, status, expires_at)
     SELECT $1, $2, 'user ' || n, 'held', now() - interval '1 minute' * (n % 2 - 0.5)
     FROM generate_series(1, $3::int) AS n`,
    [EVENT, OWNER, MANY],
  )
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT $1, 'user ' || n FROM generate_series(1, $2::int) AS n`,
    [EVENT, MANY],
  )
  await pool.query(
    `INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id)
     SELECT n, $1, $2, 'user ' || n FROM generate_series(1, $3::int) AS n`,
    [EVENT, OWNER, MANY],
  )
  await addHistory(database.pool)
  await pool.query('ANALYZE')
  return database
}

async function addHistory(pool: Awaited<ReturnType<typeof createTestDatabase>>['pool']) {
  await pool.query(
    `INSERT INTO event_history (event_id, tenant_id, first_sequence, last_sequence, at, changes)
     SELECT $1, $2, n, n, now(), json_build_array(json_build_object(
       'type', 'capacity_changed', 'seats_before', 0, 'seats_after', n))
     FROM generate_series(1, $3::int) AS n`,
    [EVENT, OWNER, MANY],
  )
}

const textsOf = (costs: readonly Cost[]): string[] => costs.map(({ text }) => text)
const rowsOf = (costs: readonly Cost[]): number => costs.reduce((sum, { rows }) => sum + rows, 0)

t.test("what is another's costs what does not exist", async (t) => {
  const { url } = await createFilled(t)
  const costsOf = watchCosts(t, url)
  let mostOfOwn = 0
  for (const [name, read] of Object.entries(READS)) {
    const [own, others, missing] = [
      await costsOf((sql) => read(sql, OWNER, EVENT)),
      await costsOf((sql) => read(sql, STRANGER, EVENT)),
      await costsOf((sql) => read(sql, STRANGER, MISSING)),
    ]
    same(t, name, others, missing)
    t.ok(rowsOf(own) > 0, `${name}: ${rowsOf(own)} rows for the owner`)
    mostOfOwn = Math.max(mostOfOwn, rowsOf(own))
  }
  // The control: who may see all of it reads much more.
  t.ok(mostOfOwn >= MANY / 2, `${mostOfOwn} rows`)
})

t.test(
  "a batch reads no more for a command on another's than on what does not exist",
  async (t) => {
    const { url } = await createFilled(t)
    const costsOf = watchCosts(t, url)
    for (const mode of ['skip', 'wait'] as const) {
      for (const [name, make] of Object.entries(COMMANDS)) {
        const costs = (tenantId: string, id: number, ...more: Command[]): Promise<Cost[]> =>
          costsOf((sql) => readBatch(sql, mode, [...more, asCaller({ tenantId }, make(id))]))
        const own = await costs(OWNER, EVENT)
        t.ok(rowsOf(own) > SETTLED, `${name}: ${rowsOf(own)} rows for the owner`)
        const alone = [await costs(STRANGER, EVENT), await costs(STRANGER, MISSING)] as const
        same(t, `${name}, ${mode}`, ...alone, 0)

        // Where the owner asks for it too, in the same batch, it is locked all the same.
        const owners = asCaller({ tenantId: OWNER }, plainReserve(EVENT, 'user 7'))
        const beside = [
          await costs(STRANGER, EVENT, owners),
          await costs(STRANGER, MISSING, owners),
        ] as const
        same(t, `${name}, ${mode}, beside the owner`, ...beside, 1)
      }
    }
  },
)

t.test("a plain read for a refusal reads no more of another's either", async (t) => {
  const { url } = await createFilled(t)
  const costsOf = watchCosts(t, url)
  const costs = (tenantId: string, id: number): Promise<Cost[]> => {
    const command = asCaller({ tenantId }, plainReserve(id, 'user 5'))
    const own = asCaller({ tenantId: OWNER }, plainReserve(MISSING, 'user 7'))
    return costsOf((sql) => provableRefusals(sql, [own, command]))
  }
  const own = rowsOf(await costs(OWNER, EVENT))
  const others = await costs(STRANGER, EVENT)
  same(t, 'refusal', others, await costs(STRANGER, MISSING), 1)
  t.ok(own > rowsOf(others), `${own} rows for the owner`)
})

/** Fails where more is read of another's than whose it is. */
function same(
  t: Test,
  name: string,
  others: readonly Cost[],
  missing: readonly Cost[],
  moreRows = MORE_ROWS,
): void {
  t.same(textsOf(others), textsOf(missing), `${name}: ${missing.length} statements`)
  const [rowsOfOthers, rowsOfMissing] = [rowsOf(others), rowsOf(missing)]
  const difference = rowsOfOthers - rowsOfMissing
  t.ok(difference <= moreRows, `${name}: ${rowsOfOthers} rows, and ${rowsOfMissing}`)
}

t.test("nothing of another's comes out", async (t) => {
  const { url, pool } = await createFilled(t)
  const { prisma } = startEngine(t, url)
  const isEmpty = (found: unknown): boolean =>
    found === null ||
    (found instanceof Map || found instanceof Set
      ? found.size === 0
      : JSON.stringify(found) === '{"rows":[],"next":null}')
  for (const [name, read] of Object.entries(READS)) {
    const stranger = await read(prisma, STRANGER, EVENT)
    t.ok(isEmpty(stranger), `${name}: nothing`)
    t.same(stranger, await read(prisma, STRANGER, MISSING), `${name}: as if there were none`)
  }
  await pool.query(`UPDATE bookings SET expires_at = now() + interval '1 day'`)
  for (const [name, read] of Object.entries(READS)) {
    t.notOk(isEmpty(await read(prisma, OWNER, EVENT)), `${name}: the owner sees it`)
    const asDefault = await read(prisma, DEFAULT_TENANT, EVENT)
    t.ok(isEmpty(asDefault), `${name}: nor does it belong to who says no tenant`)
  }
})

t.test('who asks for the same ids in one statement is given what is his', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  await pool.query(
    `INSERT INTO events (tenant_id, name, total_seats)
     SELECT CASE WHEN n % 2 = 0 THEN $1 ELSE $2 END, 'E' || n, 10 FROM generate_series(1, 10) AS n`,
    [OWNER, STRANGER],
  )
  const ids = Array.from({ length: 12 }, (_, i) => i + 1)
  const asked = [OWNER, STRANGER].flatMap((tenantId) => ids.map((id) => ({ id, tenantId })))
  const found = await readEvents(prisma, asked)
  const expected = ids
    .slice(0, 10)
    .map((id): [string, string] => [`${id} ${id % 2 === 0 ? OWNER : STRANGER}`, `E${id}`])
  t.same(new Map([...found].map(([key, { name }]) => [key, name])), new Map(expected))
})

t.test("of an id that was another's, the history begins where that one's ends", async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  await addHistory(pool)
  const history = (tenantId: string, after = 0) =>
    listHistory(prisma, { eventId: EVENT, tenantId, after, limit: 50 })
  t.equal((await history(OWNER))?.rows.length, 50, 'the event is gone')
  t.equal(await history(STRANGER), null)

  await pool.query(`INSERT INTO events (tenant_id, name, total_seats) VALUES ($1, 'Ours', 10)`, [
    STRANGER,
  ])
  t.equal(await history(OWNER), null, 'whose event it is now decides')
  t.same(await history(STRANGER), { rows: [], next: [50] }, 'a short page, and there is more')
  await pool.query(
    `INSERT INTO event_history (event_id, tenant_id, first_sequence, last_sequence, at, changes)
     VALUES ($1, $2, $3, $3, now(),
       '[{"type": "capacity_changed", "seats_before": 0, "seats_after": 10}]')`,
    [EVENT, STRANGER, MANY + 1],
  )
  const sequences: number[] = []
  let after: number | undefined = 0
  while (after !== undefined) {
    const found = await history(STRANGER, after)
    sequences.push(...(found?.rows ?? []).map(({ sequence }) => sequence))
    after = found?.next === null ? undefined : Number(found?.next[0])
  }
  t.same(sequences, [MANY + 1])

  await pool.query('DELETE FROM events')
  t.equal(await history(OWNER), null, 'and whose it was last, where it is gone')
  t.same((await history(STRANGER, MANY))?.rows.length, 1)
})

t.test("an event's row is removed without a look at what else its tenant has", async (t) => {
  const { pool } = await createFilled(t)
  const client = await pool.connect()
  t.teardown(() => {
    client.release(true)
  })
  // As ri_triggers.c asks it, by the plan that PostgreSQL comes to keep.
  const asked = `SELECT FROM ONLY public.bookings
    WHERE $1::int OPERATOR(pg_catalog.=) event_id AND $2::varchar::text OPERATOR(pg_catalog.=) tenant_id::text`
  await client.query('SET plan_cache_mode = force_generic_plan')
  await client.query('SET enable_seqscan = off')
  await client.query(`PREPARE asked AS ${asked}`)
  const planOf = async (): Promise<string> => {
    const { rows } = await client.query({ text: `EXPLAIN EXECUTE asked(1, 'a')`, rowMode: 'array' })
    return rows.flat().join('\n')
  }
  t.match(await planOf(), /bookings_event_id_user_id_key/)
  t.notMatch(await planOf(), /tenant_id_id/)
  // The control: an index in the database's order would be looked into.
  await pool.query('CREATE INDEX plain_tenant_id_id ON bookings (tenant_id, id)')
  t.match(await planOf(), /plain_tenant_id_id/)
})
