import pg from 'pg'
import t, { type Test } from 'tap'
import { deferBegin } from '../../src/store/connections/deferred-begin.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { createEvent } from '../helpers/race.ts'
import { untilRow } from '../helpers/sessions.ts'
import { interceptStatements } from '../helpers/statements.ts'

const RAISE = 'UPDATE events SET total_seats = total_seats + 1 WHERE id = $1 RETURNING total_seats'

/**
 * @param begin - what is sent in the place of BEGIN
 * @param steps - is told what is sent (`>`) and answered (`<`)
 */
async function openClient(
  t: Test,
  { url }: TestDatabase,
  begin = 'BEGIN',
  steps: string[] = [],
): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, pipeline: true })
  client.on('error', () => undefined)
  await client.connect()
  t.teardown(() => client.end())
  watch(client, begin, steps)
  deferBegin(client)
  return client
}

/** Stands between what is tested and the client. */
function watch(client: pg.Client, begin: string, steps: string[]): void {
  interceptStatements(client, async (statement, send) => {
    const sent = statement === 'BEGIN' ? begin : statement
    const word = typeof sent === 'string' ? sent.split(' ', 1).join() : ''
    steps.push(`> ${word}`)
    const result = await send(sent)
    steps.push(`< ${word}`)
    return result
  })
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
  const client = await openClient(t, database)

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
  const client = await openClient(t, database)
  for (const end of ['COMMIT', 'ROLLBACK']) {
    await client.query('BEGIN')
    await client.query(end)
  }
  await client.query(RAISE, [eventId])
  t.equal(await seatsOf(database, eventId), 2, 'committed at once')
})

t.test('a first statement that fails fails alone, and undoes nothing else', async (t) => {
  const database = await createTestDatabase(t)
  const client = await openClient(t, database)
  await client.query('BEGIN')
  await t.rejects(client.query('SELECT 1 / 0'), { code: '22012' })
  await t.rejects(client.query('SELECT 1'), { code: '25P02' }, 'the transaction is aborted')
  await client.query('ROLLBACK')
  t.match(await client.query('SELECT 1 AS one'), { rows: [{ one: 1 }] }, 'the session goes on')
})

t.test('where the session is gone, the first statement says so', async (t) => {
  const database = await createTestDatabase(t)
  const client = await openClient(t, database)
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = rows[0]?.pid
  await database.pool.query('SELECT pg_terminate_backend($1)', [pid])
  const gone = 'SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)'
  await untilRow(database.pool, gone, [pid])
  await client.query('BEGIN')
  await t.rejects(client.query('SELECT 1'))
})

t.test('where BEGIN fails, so does its statement, and the connection is ended', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const client = await openClient(t, database)
  // In a transaction that is aborted already, BEGIN is refused.
  await client.query('BEGIN')
  await t.rejects(client.query('SELECT 1 / 0'))
  await client.query('BEGIN')
  await t.rejects(client.query('SELECT 1'), { code: '25P02' })
  await t.rejects(client.query(RAISE, [eventId]), 'the connection is ended')
  t.equal(await seatsOf(database, eventId), 1)
})

t.test('a BEGIN that fails alone takes no write with it', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  for (const write of [RAISE, 'DELETE FROM events WHERE id = $1']) {
    const client = await openClient(t, database, 'BEGIN ISOLATION LEVEL nonsense')
    await client.query('BEGIN')
    await t.rejects(client.query(write, [eventId]), { code: '42601' })
    await t.rejects(client.query('SELECT 1'), 'the connection is ended')
    t.equal(await seatsOf(database, eventId), 1)
  }
})

t.test('BEGIN goes with a lock, while a write waits for its answer', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 1)
  const steps: string[] = []
  const client = await openClient(t, database, 'BEGIN', steps)
  const LOCK = 'SELECT FROM events WHERE id = $1 FOR UPDATE SKIP LOCKED'

  await client.query('BEGIN')
  await client.query(LOCK, [eventId])
  t.same(steps.splice(0), ['> BEGIN', '> SELECT', '< BEGIN', '< SELECT'])
  await client.query('ROLLBACK')
  steps.length = 0

  // Given up at once, as by a timeout: the write must not come after the end.
  await client.query('BEGIN')
  await Promise.all([client.query(RAISE, [eventId]), client.query('ROLLBACK')])
  t.same(steps.slice(0, 4), ['> BEGIN', '< BEGIN', '> UPDATE', '> ROLLBACK'])
  t.equal(await seatsOf(database, eventId), 1, 'it was undone')
})
