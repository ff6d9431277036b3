import type pg from 'pg'
import t, { type Test } from 'tap'
import {
  EXPIRED_HOLD_RETENTION_DAYS,
  IDEMPOTENCY_RETENTION_HOURS,
} from '../../src/domain/policy.ts'
import { prune, type RingName } from '../../src/store/turnover.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookingOf, isReplayed, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import { createRole } from '../helpers/roles.ts'
import { openSession, untilBlocked, untilRow } from '../helpers/sessions.ts'
import { until } from '../helpers/until.ts'

// Slots by their distance from the one that is written now: 1 is written next, and is emptied
// before; 2 is the one before.
const NEXT = 1
const BEFORE = 2

interface Ring {
  readonly table: RingName
  readonly period: string
  /** A row that was made so long ago: its key and the rest of its columns. */
  readonly row: (name: number, age: string) => string
  readonly columns: string
  readonly since: string
}

const KEYS: Ring = {
  table: 'idempotency_keys',
  period: `${IDEMPOTENCY_RETENTION_HOURS} hours`,
  since: 'created_at',
  columns: 'key, fingerprint, response, created_at',
  row: (name, age) => `${name}, 'f', '["done"]', clock_timestamp() - interval '${age}'`,
}
const HOLDS: Ring = {
  table: 'expired_holds',
  period: `${EXPIRED_HOLD_RETENTION_DAYS} days`,
  since: 'expired_at',
  columns: 'booking_id, event_id, expired_at',
  row: (name, age) => `${name}, 1, clock_timestamp() - interval '${age}'`,
}
const RINGS = [KEYS, HOLDS]

const slotAt = ({ period }: Ring, distance: number): string =>
  `((public.ring_slot(now(), '${period}') + ${distance}) % 3)::smallint`

/** SQL that puts a row into a slot. */
const insertion = (ring: Ring, distance: number, name: number, age: string): string =>
  `INSERT INTO ${ring.table} (${ring.columns}, slot)
   SELECT ${ring.row(name, age)}, ${slotAt(ring, distance)}`

async function namesIn(pool: pg.Pool, { table, columns }: Ring): Promise<string[]> {
  const [name] = columns.split(',')
  const { rows } = await pool.query<{ name: string }>(
    `SELECT ${name}::text AS name FROM ${table} ORDER BY 1`,
  )
  return rows.map((row) => row.name)
}

async function turnOver(sql: Pick<pg.Pool, 'query'>, { table }: Ring): Promise<unknown> {
  const { rows } = await sql.query<{ turn: string }>('SELECT turn_over($1) AS turn', [table])
  return rows[0]?.turn
}

/** The same, once it got its lock: autovacuum may be at work on the slot. */
function turnOverUnlocked(sql: Pick<pg.Pool, 'query'>, ring: Ring): Promise<unknown> {
  return until(async () => {
    const result = await turnOver(sql, ring)
    return result !== 'locked' && result
  }, 'a slot that nobody else locks')
}

for (const ring of RINGS) {
  t.test(`${ring.table}: the next slot is emptied, and no other`, async (t) => {
    const { pool } = await createTestDatabase(t)
    t.equal(await turnOverUnlocked(pool, ring), 'empty')
    await pool.query(insertion(ring, 0, 1, '1 second'))
    await pool.query(insertion(ring, BEFORE, 2, ring.period))
    await pool.query(insertion(ring, NEXT, 3, ring.period))
    t.equal(await turnOverUnlocked(pool, ring), 'truncated')
    t.same(await namesIn(pool, ring), ['1', '2'])
    t.equal(await turnOverUnlocked(pool, ring), 'empty')
  })

  t.test(`${ring.table}: a row by default goes to the slot of now`, async (t) => {
    const { pool } = await createTestDatabase(t)
    await pool.query(`INSERT INTO ${ring.table} (${ring.columns}) SELECT ${ring.row(1, '0')}`)
    const { rows } = await pool.query(`SELECT slot = ${slotAt(ring, 0)} AS ok FROM ${ring.table}`)
    t.same(rows, [{ ok: true }])
  })

  t.test(`${ring.table}: the database has the period of the rules`, async (t) => {
    const { pool } = await createTestDatabase(t)
    const { rows } = await pool.query<{ text: string }>(
      `SELECT pg_get_expr(d.adbin, d.adrelid) AS text FROM pg_attrdef d
       JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
       WHERE d.adrelid = '${ring.table}'::regclass AND a.attname = 'slot'`,
    )
    const byDefault = rows[0]?.text.replace('now()', 'moment') ?? ''
    t.match(byDefault, 'moment')
    const differing = await pool.query(
      `SELECT FROM generate_series(now(), now() + interval '60 days', '1 hour') AS moment
       WHERE ${byDefault} <> ring_slot(moment, '${ring.period}')`,
    )
    t.equal(differing.rowCount, 0)

    await pool.query(insertion(ring, NEXT, 1, `${ring.period} -60 minutes`))
    t.equal(await turnOverUnlocked(pool, ring), 'young')
    await pool.query(`UPDATE ${ring.table} SET ${ring.since} = ${ring.since} - interval '1 hour'`)
    t.equal(await turnOverUnlocked(pool, ring), 'truncated')
  })

  t.test(`${ring.table}: beside a young row only those that are over are deleted`, async (t) => {
    const { url, pool } = await createTestDatabase(t)
    const { prisma } = startEngine(t, url)
    // With many rows autovacuum comes, and a slot that is locked is left for the next time.
    for (const slot of [0, 1, 2]) {
      await pool.query(`ALTER TABLE ${ring.table}_${slot} SET (autovacuum_enabled = off)`)
    }
    // As where the clock is set back: it is of the future.
    await pool.query(insertion(ring, NEXT, 1, '-1 hour'))
    await pool.query(
      `INSERT INTO ${ring.table} (${ring.columns}, slot)
       SELECT ${ring.row(0, ring.period).replace('0', 'n')}, ${slotAt(ring, NEXT)}
       FROM generate_series(2, 50000) AS n`,
    )
    t.equal(await turnOverUnlocked(pool, ring), 'young')
    let pieces = 1
    while (!(await prune(prisma, ring.table)).isDone) pieces += 1
    t.equal(pieces, 3)
    t.same(await namesIn(pool, ring), ['1'])
  })
}

/** A database in which turn_over waits for its lock for longer, so that no test turns on time. */
async function createPatient(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  await database.pool.query(`ALTER FUNCTION turn_over(text) SET lock_timeout TO '60s'`)
  return database
}

/** A key is stored in a slot of old ones, and committed while turn_over waits to empty that. */
async function raceWithWriter(t: Test, { pool, url }: TestDatabase): Promise<unknown> {
  await pool.query(insertion(KEYS, NEXT, 1, '2 days'))
  const writer = await openSession(t, { pool, url }, insertion(KEYS, NEXT, 2, '0'))
  const turn = turnOver(pool, KEYS)
  await untilBlocked(pool, writer)
  await writer.query('COMMIT')
  return turn
}

t.test('a key that is stored meanwhile is never lost', async (t) => {
  const database = await createPatient(t)
  t.equal(await raceWithWriter(t, database), 'young')
  t.same(await namesIn(database.pool, KEYS), ['1', '2'])
})

/** Leaves something out of the function, to see what it is for. */
async function weaken({ pool }: TestDatabase, part: RegExp, rest: string): Promise<void> {
  const { rows } = await pool.query<{ source: string }>(
    `SELECT pg_get_functiondef('turn_over(text)'::regprocedure) AS source`,
  )
  const source = rows[0]?.source ?? ''
  const weak = source.replace(part, rest)
  if (weak === source) throw new Error('nothing of turn_over was left out')
  await pool.query(weak)
}

t.test('it would be, without the look that follows the lock', async (t) => {
  const database = await createPatient(t)
  await weaken(database, /(IN ACCESS EXCLUSIVE MODE'.*?;).*?END IF;/s, '$1')
  t.equal(await raceWithWriter(t, database), 'truncated')
  t.same(await namesIn(database.pool, KEYS), [])
})

/** Two empty the same slot, held up together until both have come as far as they get. */
async function raceOfTwo(t: Test, database: TestDatabase): Promise<unknown[]> {
  const { pool } = database
  await pool.query(insertion(KEYS, NEXT, 1, '2 days'))
  const { rows } = await pool.query<{ slot: number }>(`SELECT ${slotAt(KEYS, NEXT)} AS slot`)
  // The mode of vacuum: whoever reads or writes is not kept from it.
  const vacuum = `LOCK TABLE idempotency_keys_${rows[0]?.slot} IN SHARE UPDATE EXCLUSIVE MODE`
  const holder = await openSession(t, database, vacuum)
  const turns = [turnOver(pool, KEYS), turnOver(pool, KEYS)]
  const ends = Promise.allSettled(turns)
  await untilRow(
    pool,
    `SELECT FROM pg_stat_activity WHERE datname = current_database()
     AND query LIKE 'SELECT turn_over%' AND wait_event_type = 'Lock' HAVING count(*) = 2`,
  )
  await holder.rollback()
  return (await ends).map((end) =>
    end.status === 'fulfilled' ? end.value : (end.reason as { code: unknown }).code,
  )
}

t.test('of two that empty a slot at once one does, and the other finds it empty', async (t) => {
  const ends = await raceOfTwo(t, await createPatient(t))
  t.same(ends.toSorted(), ['empty', 'truncated'])
})

t.test('they would deadlock, without the lock that comes first', async (t) => {
  const database = await createPatient(t)
  await weaken(database, /EXECUTE [^;]*IN SHARE UPDATE EXCLUSIVE MODE[^;]*;/, '')
  t.ok((await raceOfTwo(t, database)).includes('40P01'))
})

t.test('a transaction that sees the past may not empty anything', async (t) => {
  const database = await createTestDatabase(t)
  const session = await openSession(t, database, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await t.rejects(session.query(`SELECT turn_over('idempotency_keys')`), { code: '25001' })
  await t.rejects(database.pool.query(`SELECT turn_over('events')`), { code: '22023' })
})

t.test('who reads a slot for long keeps it, and nobody else from their work', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const { reservations } = startEngine(t, database.url)
  const eventId = await createEvent(pool, 10)
  await pool.query(insertion(KEYS, NEXT, 1, '2 days'))
  const reader = await openSession(t, database, 'SELECT FROM idempotency_keys')
  t.equal(await turnOver(pool, KEYS), 'locked')
  const answer = await reservations.execute(plainReserve(eventId, 'ann'), underKey('k'))
  t.match(bookingOf(answer), { userId: 'ann' })
  await reader.rollback()
  t.equal(await turnOverUnlocked(pool, KEYS), 'truncated')
})

t.test('two processes at once, while keys are stored: no key is lost', async (t) => {
  const database = await createPatient(t)
  const { pool } = database
  const engines = [startEngine(t, database.url), startEngine(t, database.url)] as const
  const eventId = await createEvent(pool, 1000)
  const users = Array.from({ length: 200 }, (_, i) => `user ${i}`)
  const ask = (user: string, i: number) =>
    engines[i % 2 === 0 ? 0 : 1].reservations.execute(plainReserve(eventId, user), underKey(user))
  let isOver = false
  const pruning = engines.map(async ({ prisma }, i) => {
    for (let n = 0; !isOver; n += 1) {
      await pool.query(insertion(KEYS, NEXT, 10_000 * (i + 1) + n, '2 days'))
      await prune(prisma, KEYS.table)
    }
  })
  const first = await Promise.all(users.map(ask))
  isOver = true
  await Promise.all(pruning)
  const again = await Promise.all(users.toReversed().map(ask))
  t.ok(first.every((answer) => !isReplayed(answer)))
  t.ok(again.every(isReplayed))
})

t.test('a key is known in whichever slot it is, until its time is over', async (t) => {
  const database = await createTestDatabase(t)
  const { reservations } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  const ask = () => reservations.execute(plainReserve(eventId, 'ann'), underKey('k'))
  const first = await ask()
  for (const distance of [BEFORE, NEXT]) {
    await database.pool.query(`UPDATE idempotency_keys SET slot = ${slotAt(KEYS, distance)}`)
    t.same(await ask(), { ...first, isReplayed: true })
  }
  await database.pool.query(`UPDATE idempotency_keys SET created_at = now() - interval '1 day'`)
  t.notOk(isReplayed(await ask()))
})

t.test('a role that may write may prune; one that may not have it done deletes', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const role = await createRole(t, database)
  await pool.query(`
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role.name};
    GRANT EXECUTE ON FUNCTION turn_over(text) TO ${role.name}`)
  const { prisma } = startEngine(t, role.url)

  const pruneAll = async (): Promise<unknown[]> => {
    for (const ring of RINGS) await pool.query(insertion(ring, NEXT, 1, '8 days'))
    const pruned = [await prune(prisma, KEYS.table), await prune(prisma, HOLDS.table)]
    for (const ring of RINGS) t.same(await namesIn(pool, ring), [])
    return pruned
  }

  t.same(
    await pruneAll(),
    RINGS.map(() => ({ isDone: true, isForbidden: false })),
  )
  await pool.query(`REVOKE EXECUTE ON FUNCTION turn_over(text) FROM ${role.name}`)
  t.same(
    await pruneAll(),
    RINGS.map(() => ({ isDone: true, isForbidden: true })),
  )

  await pool.query(`ALTER FUNCTION turn_over(text) OWNER TO ${role.name}`)
  t.same(
    await pruneAll(),
    RINGS.map(() => ({ isDone: true, isForbidden: true })),
  )
})

t.test('what it has summarized stays so, also where it is cut short', async (t) => {
  const { pool } = await createTestDatabase(t)
  await pool.query(
    `INSERT INTO idempotency_keys (${KEYS.columns}, slot)
     SELECT 'key ' || n, 'f', json_build_object('text', repeat('x', 900)), now(), 0
     FROM generate_series(1, 5000) AS n`,
  )
  const session = await pool.connect()
  const summarize = async (): Promise<unknown> => {
    const { rows } = await session.query<{ ranges: number }>(
      `SELECT brin_summarize_new_values('idempotency_keys_0_created_at_idx') AS ranges`,
    )
    return rows[0]?.ranges
  }
  await session.query('BEGIN')
  t.ok(Number(await summarize()) > 1)
  await session.query('ROLLBACK')
  t.equal(await summarize(), 0)
  session.release()
})
