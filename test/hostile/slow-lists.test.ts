import { connect, Socket, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { listEvents } from '../../src/store/reads/events.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent } from '../helpers/race.ts'
import { openSession } from '../helpers/sessions.ts'
import { quantile, repeatDuring } from '../helpers/timing.ts'
import { until } from '../helpers/until.ts'

// The promise: lists that no index serves, however many, hold up no read of a single thing; each is
// answered by its deadline; and one whose client has left gives its place back.

const EVENTS = 40_000
const FILTERS = 20
const LIST_TIMEOUT_MS = 2000
/** How much later an answer may be, on a machine that has much else to do. */
const LATE_MS = 500

/** A service with so many events that a search for a name takes a tenth of a second. */
async function createManyEvents(t: Test) {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 10)
  await database.pool.query(
    `INSERT INTO events (name, total_seats)
     SELECT repeat(md5(n::text), 16), 10 FROM generate_series(1, $1::int) AS n`,
    [EVENTS],
  )
  const environment = {
    LIST_TIMEOUT_MS: String(LIST_TIMEOUT_MS),
    // What the control holds up is to be measured.
    READ_TIMEOUT_MS: '60000',
    DATABASE_CONNECT_TIMEOUT_MS: '60000',
  }
  const app = await createTestApp(t, { database, environment })
  /** How long each of the reads of one event takes until `work` has settled. */
  const readsDuring = (work: Promise<unknown>) =>
    repeatDuring(work, async () => {
      const { statusCode } = await app.inject(`/api/events/${eventId}`)
      if (statusCode !== 200) t.fail(`the event was answered ${statusCode}`)
    })
  // The first one of a process takes longer.
  await readsDuring(Promise.resolve())
  return { app, readsDuring }
}

t.test('twenty searches at once leave the others their reads', async (t) => {
  const { app, readsDuring } = await createManyEvents(t)
  const searches = Array.from({ length: FILTERS }, async () => {
    const startedAt = performance.now()
    const response = await app.inject('/api/events?name=nobody-has-it')
    return { response, tookMs: performance.now() - startedAt }
  })
  const besideLanes = await readsDuring(Promise.all(searches))
  const answers = await Promise.all(searches)
  const counts = { 200: 0, 503: 0 }
  for (const { response, tookMs } of answers) {
    const { statusCode } = response
    t.ok(tookMs < LIST_TIMEOUT_MS + LATE_MS, `${statusCode} after ${Math.round(tookMs)} ms`)
    if (statusCode !== 200 && statusCode !== 503) t.fail(`a search was answered ${statusCode}`)
    else counts[statusCode] += 1
    if (statusCode === 503) t.match(response.headers['retry-after'], /^[1-9]\d*$/)
  }
  t.comment(`searches: ${JSON.stringify(counts)}`)
  t.ok(counts[200] > 0, 'some searches are served')

  // The control: the same searches, on the same connections, without lanes.
  const query = { name: 'nobody-has-it', sort: 'id', order: 'asc', limit: 50 } as const
  const free = Array.from({ length: FILTERS }, () =>
    listEvents(app.readPrisma, { ...query, after: undefined }),
  )
  const withoutLanes = await readsDuring(Promise.all(free))

  const p95 = Math.round(quantile(besideLanes, 0.95))
  const [beside, without] = [Math.max(...besideLanes), Math.max(...withoutLanes)].map(Math.round)
  t.comment(`a read takes up to ${beside} ms beside the searches (p95 ${p95}), ${without} without`)
  t.ok(p95 < LIST_TIMEOUT_MS / 2, `p95 ${p95} ms`)
  t.ok(Number(without) > 2 * Number(beside), 'the control is slow')
})

t.test('a client that has left frees its lane, and its statement is cancelled', async (t) => {
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
  const countBlocked = async () => {
    const { rowCount } = await database.pool.query(
      `SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND $1 = ANY(pg_blocking_pids(pid))`,
      [session.pid],
    )
    return rowCount
  }
  // As many as there are lanes.
  const leavers = ['/api/bookings?status=held', '/api/bookings?user_id=ann'].map((path) => {
    const leaver = connect(port, '127.0.0.1')
    leaver.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    return leaver
  })
  await until(async () => (await countBlocked()) === leavers.length, 'the lanes are taken')
  const next = app.inject(`/api/events/${eventId}/history`)
  t.equal(await countBlocked(), leavers.length, 'as long as the clients are there')

  for (const leaver of leavers) leaver.destroy()
  t.equal((await next).statusCode, 200, 'a lane is free')
  await until(async () => (await countBlocked()) === 0, 'the end of the statements')
  await session.rollback()
  t.equal((await app.inject('/api/bookings?status=held')).statusCode, 200)
})

t.test('PostgreSQL itself ends a list that takes too long', async (t) => {
  const environment = { LIST_TIMEOUT_MS: '1000', READ_TIMEOUT_MS: '7000' }
  const app = await createTestApp(t, { environment })
  await app.readPrisma.$queryRaw`SELECT 1`
  const request = { socket: new Socket() }
  const settings = await app.list(request, async (sql) => {
    const rows = await sql.$queryRaw<{ ms: string }[]>`
      SELECT current_setting('statement_timeout') AS ms`
    return rows[0]?.ms
  })
  t.match(settings, /^(\d{1,3}ms|1s)$/)
  const late = app.list(request, (sql) => sql.$queryRaw`SELECT pg_sleep(10)::text`)
  await t.rejects(late, { message: 'database_unavailable' })
  const [after] = await app.readPrisma.$queryRaw<{ ms: string }[]>`
    SELECT current_setting('statement_timeout') AS ms`
  t.equal(after?.ms, '7s', 'nothing of it is left behind')
})
