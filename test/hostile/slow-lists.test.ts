import { connect, Socket, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { DEFAULT_TENANT, serviceOf } from '../../src/domain/access.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent } from '../helpers/race.ts'
import { countBlocked, openSession, untilBlocked } from '../helpers/sessions.ts'
import { until } from '../helpers/until.ts'

// The promise: lists, however many and slow, hold up no read of a single thing; each is answered by
// its deadline; and one whose clients have all left gives its place back.

const ANYBODY = serviceOf(DEFAULT_TENANT)
const LISTS = 20
/** Lists that are at the database at once, of a pool of five. */
const LANES = 2
const POOL = 5
const OF_TENANT = { tenantId: DEFAULT_TENANT }
const PATIENT_READS = {
  LOCK_TIMEOUT_MS: '60000',
  TRANSACTION_TIMEOUT_MS: '61000',
  COMMAND_TIMEOUT_MS: '61000',
}

/** A service on which a list is slow: it waits for a lock that somebody holds. */
async function createSlow(t: Test, environment: Record<string, string>) {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 10)
  const app = await createTestApp(t, {
    database,
    environment: { ...PATIENT_READS, ...environment },
  })
  const session = await openSession(t, database, 'SELECT pg_advisory_xact_lock(1)')
  const readSlowly = (sql: Pick<typeof app.readPrisma, '$queryRaw'>, page: number) =>
    sql.$queryRaw`SELECT pg_advisory_xact_lock_shared(1)::text, ${page}::int AS page`
  const readPage = app.listReader((sql, { page }: typeof OF_TENANT & { page: number }) =>
    readSlowly(sql, page),
  )
  return {
    app,
    session,
    readSlowly,
    readLists: () =>
      Array.from({ length: LISTS }, (_, page) =>
        readPage({ socket: new Socket(), caller: ANYBODY }, { ...OF_TENANT, page }),
      ),
    readEvent: async () => (await app.inject(`/api/events/${eventId}`)).statusCode,
    untilWaiting: (lists: number) => untilBlocked(database.pool, session, lists),
  }
}

t.test('twenty slow lists at once leave the others their reads', async (t) => {
  const environment = { LIST_TIMEOUT_MS: '60000' }
  const { app, session, readSlowly, readLists, readEvent, untilWaiting } = await createSlow(
    t,
    environment,
  )
  const answered: string[] = []
  const lists = readLists().map((list) => list.then(() => answered.push('list')))
  await untilWaiting(LANES)
  for (let i = 0; i < 10; i += 1) t.equal(await readEvent(), 200)
  t.same(answered, [], 'before any list')
  await session.rollback()
  await Promise.all(lists)

  // The control: as many statements on the same connections, without lanes.
  await session.query('BEGIN')
  await session.query('SELECT pg_advisory_xact_lock(1)')
  const order: string[] = []
  const free = Array.from({ length: LISTS }, async (_, page) => {
    await readSlowly(app.readPrisma, page)
    order.push('list')
  })
  await untilWaiting(POOL)
  const read = readEvent().then(() => order.push('event'))
  await session.rollback()
  await Promise.all([...free, read])
  t.equal(order[0], 'list', 'the read has to wait for them')
})

t.test('each slow list is answered by its deadline', async (t) => {
  const { readLists, session } = await createSlow(t, { LIST_TIMEOUT_MS: '1000' })
  const countAnswers = async () => {
    const counts = { overloaded: 0, database_unavailable: 0, other: 0 }
    for (const answer of await Promise.allSettled(readLists())) {
      const reason: unknown = answer.status === 'rejected' ? answer.reason : undefined
      const message = reason instanceof Error ? reason.message : ''
      if (message === 'overloaded' || message === 'database_unavailable') counts[message] += 1
      else counts.other += 1
    }
    t.ok(counts.overloaded >= LISTS - 2 * LANES, 'most had no turn')
    t.equal(counts.other, 0)
    return counts
  }
  // Where the machine takes as long as that to begin with one, none was begun.
  await until(async () => (await countAnswers()).database_unavailable > 0, 'some were stopped')
  await session.rollback()
})

t.test('clients that have left free a lane, and its statement is cancelled', async (t) => {
  const database = await createTestDatabase(t)
  const environment = {
    LIST_TIMEOUT_MS: '60000',
    LOCK_TIMEOUT_MS: '60000',
    TRANSACTION_TIMEOUT_MS: '61000',
    COMMAND_TIMEOUT_MS: '61000',
  }
  const app = await createTestApp(t, { database, environment })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const eventId = await createEvent(database.pool, 10)
  const session = await openSession(t, database, 'LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE')
  // As many as there are lanes.
  const leavers = ['/api/bookings?status=held', '/api/bookings?user_id=ann'].map((path) => {
    const leaver = connect(port, '127.0.0.1')
    leaver.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    return leaver
  })
  await untilBlocked(database.pool, session, leavers.length)
  const next = app.inject(`/api/events/${eventId}/history`)
  const held = await countBlocked(database.pool, session)
  t.equal(held, leavers.length, 'as long as the clients are there')

  for (const leaver of leavers) leaver.destroy()
  t.equal((await next).statusCode, 200, 'a lane is free')
  await untilBlocked(database.pool, session, 0)
  await session.rollback()
  t.equal((await app.inject('/api/bookings?status=held')).statusCode, 200)
})

t.test('PostgreSQL itself ends a list that takes too long', async (t) => {
  const environment = { LIST_TIMEOUT_MS: '1000', READ_TIMEOUT_MS: '7000' }
  const app = await createTestApp(t, { environment })
  await app.readPrisma.$queryRaw`SELECT 1`
  const client = { socket: new Socket(), caller: ANYBODY }
  const settingsIn = async (sql: Pick<typeof app.readPrisma, '$queryRaw'>) => {
    const [settings] = await sql.$queryRaw<{ timeout: string }[]>`
      SELECT current_setting('statement_timeout') AS timeout`
    return settings
  }
  const readSettings = app.listReader((sql) => settingsIn(sql))
  t.match(await readSettings(client, OF_TENANT), { timeout: /^(\d{1,3}ms|1s)$/ })
  const readLate = app.listReader((sql) => sql.$queryRaw`SELECT pg_sleep(10)::text`)
  await t.rejects(readLate(client, OF_TENANT), { message: 'database_unavailable' })
  t.same(await settingsIn(app.readPrisma), { timeout: '7s' }, 'nothing is left behind')
})
