import pg from 'pg'
import t, { type Test } from 'tap'
import { joinEnds } from '../../src/store/connections/joined-ends.ts'
import { CommitLostError } from '../../src/store/connections/joined-query.ts'
import { THEN_COMMIT } from '../../src/store/last-statement.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent } from '../helpers/race.ts'
import { lockEvent, untilBlocked, untilRow } from '../helpers/sessions.ts'

const RAISE = 'UPDATE events SET total_seats = total_seats + 1 WHERE id = $1 RETURNING total_seats'
const RAISE_LAST = `${RAISE} ${THEN_COMMIT.sql}`

async function openClient(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, pipeline: true })
  client.on('error', () => undefined)
  await client.connect()
  t.teardown(() => client.end())
  joinEnds(client)
  return client
}

/** A client whose statements and cuts a proxy sees. */
async function openWatched(t: Test) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const client = await openClient(t, proxy.url)
  const eventId = await createEvent(database.pool, 1)
  return { database, proxy, client, eventId }
}

async function seatsOf({ pool }: TestDatabase, eventId: number): Promise<unknown> {
  const { rows } = await pool.query<{ total_seats: number }>(
    'SELECT total_seats FROM events WHERE id = $1',
    [eventId],
  )
  return rows[0]?.total_seats
}

t.test('what follows BEGIN is in its transaction', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const client = await openClient(t, database.url)

  await client.query('BEGIN')
  t.match(await client.query(RAISE, [eventId]), { rows: [{ total_seats: 2 }] })
  t.equal(await seatsOf(database, eventId), 1, 'nobody else sees it yet')
  await client.query('ROLLBACK')
  t.equal(await seatsOf(database, eventId), 1)

  await client.query({ text: 'BEGIN', values: [] })
  await client.query(RAISE, [eventId])
  await client.query('COMMIT')
  t.equal(await seatsOf(database, eventId), 2)
})

t.test('a transaction without a statement leaves the session outside of any', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const client = await openClient(t, database.url)
  for (const end of ['COMMIT', 'ROLLBACK']) {
    await client.query('BEGIN')
    await client.query(end)
  }
  await client.query(RAISE, [eventId])
  t.equal(await seatsOf(database, eventId), 2, 'committed at once')
})

t.test('a first statement that fails fails alone, and undoes nothing else', async (t) => {
  const database = await createTestDatabase(t)
  const client = await openClient(t, database.url)
  await client.query('BEGIN')
  await t.rejects(client.query('SELECT 1 / 0'), { code: '22012' })
  await t.rejects(client.query('SELECT 1'), { code: '25P02' }, 'the transaction is aborted')
  await client.query('ROLLBACK')
  t.match(await client.query('SELECT 1 AS one'), { rows: [{ one: 1 }] }, 'the session goes on')
})

t.test('where the session is gone, the first statement says so', async (t) => {
  const database = await createTestDatabase(t)
  const client = await openClient(t, database.url)
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = rows[0]?.pid
  await database.pool.query('SELECT pg_terminate_backend($1)', [pid])
  const gone = 'SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)'
  await untilRow(database.pool, gone, [pid])
  await client.query('BEGIN')
  await t.rejects(client.query('SELECT 1'))
})

t.test('where BEGIN fails, its statement is not carried out', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const client = await openClient(t, database.url)
  await client.query('DEALLOCATE begin')
  await client.query('BEGIN')
  await t.rejects(client.query(RAISE_LAST, [eventId]), { code: '26000' })
  t.equal(await seatsOf(database, eventId), 1)
})

t.test('COMMIT goes along with the statement that is marked as the last', async (t) => {
  const { database, proxy, client, eventId } = await openWatched(t)
  const seen: string[] = []
  proxy.judge = (sql) => {
    seen.push(sql)
    return 'pass'
  }
  await client.query('BEGIN')
  await client.query('SELECT 1')
  t.match(await client.query(RAISE_LAST, [eventId]), {
    command: 'UPDATE',
    rows: [{ total_seats: 2 }],
  })
  t.equal(await seatsOf(database, eventId), 2, 'it is committed before anybody asks for it')
  await client.query('COMMIT')
  t.same(seen, ['BEGIN', 'SELECT 1', RAISE_LAST, 'COMMIT'])

  await client.query('BEGIN')
  t.match(await client.query(RAISE_LAST, [eventId]), { rows: [{ total_seats: 3 }] })
  await client.query('COMMIT')
  t.equal(seen.length, 7, 'a transaction of one statement is one round trip')
  t.match(
    await client.query(RAISE, [eventId]),
    { rows: [{ total_seats: 4 }] },
    'the session goes on',
  )
})

t.test('a last statement that fails is not committed, and says why', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const client = await openClient(t, database.url)
  await client.query('BEGIN')
  await client.query(RAISE, [eventId])
  const broken = `UPDATE events SET taken = 9 WHERE id = $1 ${THEN_COMMIT.sql}`
  await t.rejects(client.query(broken, [eventId]), { code: '23514' })
  await client.query('ROLLBACK')
  t.equal(await seatsOf(database, eventId), 1, 'nor is what came before it')
  t.match(
    await client.query(RAISE, [eventId]),
    { rows: [{ total_seats: 2 }] },
    'the session goes on',
  )
})

t.test('a COMMIT that fails is told to whoever asks for COMMIT', async (t) => {
  const database = await createTestDatabase(t)
  await database.pool.query(
    'CREATE TABLE late (n INT PRIMARY KEY DEFERRABLE INITIALLY DEFERRED); INSERT INTO late VALUES (1)',
  )
  const client = await openClient(t, database.url)
  await client.query('BEGIN')
  const insert = `INSERT INTO late VALUES ($1) ${THEN_COMMIT.sql}`
  t.match(await client.query(insert, [1]), { rowCount: 1 })
  await t.rejects(client.query('COMMIT'), { code: '23505' })
  const { rows } = await database.pool.query('SELECT n FROM late')
  t.same(rows, [{ n: 1 }])
})

t.test('after the last statement no other is carried out', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const client = await openClient(t, database.url)
  await client.query('BEGIN')
  await client.query(RAISE_LAST, [eventId])
  await t.rejects(client.query(RAISE, [eventId]), /after the last one/)
  await client.query('ROLLBACK')
  t.equal(await seatsOf(database, eventId), 2)
  t.match(
    await client.query(RAISE, [eventId]),
    { rows: [{ total_seats: 3 }] },
    'the session goes on',
  )
})

for (const [verdict, seats] of [
  ['cut_before', 1],
  ['cut_after', 2],
] as const) {
  t.test(`a connection that breaks at the joined COMMIT (${verdict}) says so`, async (t) => {
    const { database, proxy, client, eventId } = await openWatched(t)
    proxy.judge = (sql) => (sql === 'COMMIT' ? verdict : 'pass')
    await client.query('BEGIN')
    await t.rejects(client.query(RAISE_LAST, [eventId]), CommitLostError)
    const free = 'SELECT FROM events WHERE id = $1 FOR UPDATE'
    await database.pool.query(free, [eventId])
    t.equal(await seatsOf(database, eventId), seats)
  })
}

t.test(
  'a last statement that PostgreSQL is too slow for may be committed: it says so',
  async (t) => {
    const database = await createTestDatabase(t)
    const eventId = await createEvent(database.pool, 1)
    const client = await openClient(t, database.url)
    const holder = await lockEvent(t, database, eventId)
    await client.query('BEGIN')
    await client.query('SELECT 1')
    // The driver looks it up for each statement.
    Reflect.set(Reflect.get(client, 'connectionParameters') as object, 'query_timeout', 500)
    const isLost = t.rejects(client.query(RAISE_LAST, [eventId]), CommitLostError)
    await untilBlocked(database.pool, holder)
    await isLost
    await holder.rollback()
    const raised = 'SELECT FROM events WHERE id = $1 AND total_seats = 2'
    await untilRow(database.pool, raised, [eventId])
  },
)

t.test('rows that cannot be read are told, also of a last statement', async (t) => {
  const database = await createTestDatabase(t)
  const client = await openClient(t, database.url)
  const unreadable = new Error('unreadable')
  client.setTypeParser(pg.types.builtins.INT4, () => {
    throw unreadable
  })
  await client.query('BEGIN')
  await t.rejects(client.query(`SELECT 1 AS one WHERE $1 ${THEN_COMMIT.sql}`, [true]), {
    name: 'CommitLostError',
    cause: unreadable,
  })
  t.match(await client.query("SELECT 'on' AS text"), { rows: [{ text: 'on' }] })
})
