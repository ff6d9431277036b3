import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { openSession } from '../helpers/sessions.ts'
import { blocksOf } from '../helpers/waitlist-blocks.ts'

// TRUNCATE removes also what its transaction does not see. What counts that must see it.

const COUNTS = { taken: 0, held: 0, waiting: 0 }

/** Each table with a row that is written after the snapshot was taken, and what that is counted in. */
const TABLES = [
  ['bookings', 'booking', { ...COUNTS, taken: 1 }, []],
  ['waitlist_entries', 'entry', { ...COUNTS, waiting: 1 }, [[1, 512, 0, 1], [1, 16384, 0, 1]]],
] as const // prettier-ignore

/** Empties a table in a transaction that took its snapshot before somebody else wrote to it. */
async function emptyInThePast(
  t: Test,
  database: TestDatabase,
  table: string,
): Promise<PromiseSettledResult<unknown> | undefined> {
  await database.pool.query(`INSERT INTO events (name, total_seats) VALUES ('Concert', 1)`)
  const session = await openSession(t, database, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await session.query('SELECT FROM events')
  await database.pool.query(`INSERT INTO ${table} (event_id, user_id) VALUES (1, 'new')`)
  const [result] = await Promise.allSettled([session.query(`TRUNCATE ${table}`)])
  await session.query('COMMIT')
  return result
}

async function countedIn(pool: pg.Pool): Promise<unknown> {
  return (await pool.query('SELECT taken, held, waiting FROM events')).rows[0]
}

for (const [table, row, counts, blocks] of TABLES) {
  t.test(`a transaction that does not see a new ${row} may not empty the table`, async (t) => {
    const database = await createTestDatabase(t)
    const refused = await emptyInThePast(t, database, table)
    t.match(refused, { status: 'rejected', reason: { code: '25001' } })
    await database.pool.query(`TRUNCATE ${table}`)
    t.same(await countedIn(database.pool), COUNTS)
    t.same(await blocksOf(database.pool), [])
  })

  t.test(`the control: the ${row} would stay counted`, async (t) => {
    const database = await createTestDatabase(t)
    for (const name of ['reset_seats', 'reset_waiting', 'reset_waitlist_blocks']) {
      await weaken(t, database.pool, name)
    }
    t.match(await emptyInThePast(t, database, table), { status: 'fulfilled' })
    t.equal((await database.pool.query(`SELECT FROM ${table}`)).rowCount, 0)
    t.same(await countedIn(database.pool), counts)
    t.same(await blocksOf(database.pool), blocks)
  })
}

/** Takes from a function its look at the isolation level. */
async function weaken(t: Test, pool: pg.Pool, name: string): Promise<void> {
  const { rows } = await pool.query<{ source: string }>(
    `SELECT pg_get_functiondef($1::regproc) AS source`,
    [name],
  )
  const source = rows[0]?.source ?? ''
  const weak = source.replace(/IF current_setting.*?END IF;/s, '')
  t.not(weak, source)
  await pool.query(weak)
}
