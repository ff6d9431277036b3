import t from 'tap'
import { prune } from '../../src/store/turnover.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { isReplayed, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import {
  BEFORE,
  HOLDS,
  insertion,
  KEYS,
  namesIn,
  NEXT,
  RINGS,
  slotAt,
  turnOverUnlocked,
} from '../helpers/rings.ts'
import { createRole } from '../helpers/roles.ts'
import { openSession } from '../helpers/sessions.ts'

// The promise: what is over is emptied by the slot, and nothing that is remembered.

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

t.test('a transaction that sees the past may not empty anything', async (t) => {
  const database = await createTestDatabase(t)
  const session = await openSession(t, database, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await t.rejects(session.query(`SELECT turn_over('idempotency_keys')`), { code: '25001' })
  await t.rejects(database.pool.query(`SELECT turn_over('events')`), { code: '22023' })
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
