import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy, type Verdict } from '../helpers/proxy.ts'
import { createEvent, crowd } from '../helpers/race.ts'
import { OVERLOADED, reserve, storm, UNAVAILABLE } from '../helpers/storm.ts'

// The promise: lists, however slow, delay neither commands, nor the look-ups that they begin with,
// nor reads of single things; each has an answer by its deadline; and one whose client has gone is
// not started.

const LANES = 2
const NARROW = { DATABASE_READ_POOL_SIZE: String(LANES + 3) }

/** A service whose lists of the history stop on their way to PostgreSQL, until they are let go. */
async function createHeldUp(t: Test, environment: Record<string, string> = {}) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
    environment: { ...NARROW, ...environment },
  })
  const eventId = await createEvent(database.pool, 1000)
  let letGo: () => void = () => undefined
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve))
  let started = 0
  const waiting: (() => void)[] = []
  proxy.judge = async (sql): Promise<Verdict> => {
    if (!sql.includes('json_array_elements(h.changes)')) return 'pass'
    started += 1
    for (const wake of waiting.splice(0)) wake()
    await isLetGo
    return 'pass'
  }
  t.teardown(() => {
    letGo()
  })
  return {
    app,
    eventId,
    letGo,
    pool: database.pool,
    /** Pages of as many sizes are as many reads: those for one page share one. */
    readHistory: (limit = 50) => app.inject(`/api/events/${eventId}/history?limit=${limit}`),
    startedReads: () => started,
    untilStarted: async (reads: number): Promise<void> => {
      while (started < reads) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}

t.test(
  'commands, their look-ups and single reads go on while all lanes for lists are held up',
  async (t) => {
    const { app, eventId, letGo, readHistory, startedReads, untilStarted } = await createHeldUp(t)
    const reads = Array.from({ length: 50 }, (_, i) => readHistory(i + 1))
    await untilStarted(LANES)

    const answers = await storm(app, crowd(eventId, 100))
    t.same(new Set(answers.map(({ status }) => status)), new Set([201]), 'all are booked')
    const made = await app.inject({
      method: 'POST',
      url: '/api/bookings/reserve',
      payload: { event_id: eventId, user_id: 'ann', hold: true },
    })
    const { booking } = made.json<{ booking: { id: number } }>()
    const bookingUrl = `/api/bookings/${booking.id}`
    const confirmed = await app.inject({ method: 'POST', url: `${bookingUrl}/confirm` })
    t.equal(confirmed.statusCode, 200)
    t.equal((await app.inject(bookingUrl)).json<{ status: string }>().status, 'confirmed')
    t.equal((await app.inject(`/api/events/${eventId}`)).statusCode, 200)
    t.equal((await app.inject({ method: 'DELETE', url: bookingUrl })).statusCode, 204)
    t.equal((await app.inject({ method: 'DELETE', url: bookingUrl })).statusCode, 404, 'and gone')
    t.equal((await app.inject('/readyz')).statusCode, 200)
    t.equal(startedReads(), LANES, 'no list has had its turn meanwhile')

    letGo()
    const statuses = (await Promise.all(reads)).map(({ statusCode }) => statusCode)
    t.same(new Set(statuses), new Set([200]), 'then the lists have their answers')
  },
)

t.test('requests for one page share a read that begins after they came', async (t) => {
  const { app, eventId, letGo, pool, readHistory, startedReads, untilStarted } =
    await createHeldUp(t)
  const first = readHistory()
  await untilStarted(1)
  t.equal((await reserve(app, { eventId, userId: 'ann' })).status, 201)
  const later = Array.from({ length: 20 }, () => readHistory())
  // They have all arrived when a list that comes after them has its turn.
  const other = readHistory(1)
  await untilStarted(2)
  letGo()
  const texts = new Set((await Promise.all(later)).map(({ body }) => body))
  t.equal(texts.size, 1)
  t.match([...texts][0], /"user_id":"ann"/, 'what was committed before them is there')
  t.equal((await first).statusCode, 200)
  t.equal((await other).statusCode, 200)
  t.equal(startedReads(), 3, 'one for the first, one for all others')
  t.equal((await pool.query('SELECT FROM bookings')).rowCount, 1)
})

t.test('a list that is late is 503, and the next ones work again', async (t) => {
  const held = await createHeldUp(t, { LIST_TIMEOUT_MS: '1500', MAX_WAITING_LISTS: '3' })
  const startedAt = performance.now()
  const atWork = Array.from({ length: LANES }, (_, i) => held.readHistory(i + 1))
  await held.untilStarted(LANES)
  const waiting = Array.from({ length: 3 }, (_, i) => held.readHistory(i + 10))
  const tooMany = await held.readHistory()
  t.equal(tooMany.statusCode, 503)
  t.strictSame(tooMany.json(), { error: OVERLOADED })

  const late = [
    ...(await Promise.all(atWork)).map((response) => [response, UNAVAILABLE] as const),
    ...(await Promise.all(waiting)).map((response) => [response, OVERLOADED] as const),
  ]
  const tookMs = performance.now() - startedAt
  for (const [response, error] of late) {
    t.equal(response.statusCode, 503)
    t.strictSame(response.json(), { error })
    t.match(response.headers['retry-after'], /^[1-9]\d*$/)
  }
  t.ok(tookMs < 4000, `${Math.round(tookMs)} ms`)
  t.equal(held.startedReads(), LANES, 'what was late in the queue is not started')
  t.equal((await reserve(held.app, { eventId: held.eventId, userId: 'ann' })).status, 201)

  held.letGo()
  t.equal((await held.readHistory()).statusCode, 200)
})

t.test('PostgreSQL itself ends a read that takes too long, and refuses writes', async (t) => {
  const { app } = await createHeldUp(t, { READ_TIMEOUT_MS: '200', LIST_TIMEOUT_MS: '200' })
  const settings = await app.readPrisma.$queryRaw`
    SELECT current_setting('statement_timeout') AS statement_timeout,
      current_setting('TimeZone') AS time_zone`
  t.same(settings, [{ statement_timeout: '200ms', time_zone: 'UTC' }])
  await t.rejects(app.readPrisma.$queryRaw`SELECT pg_sleep(10)::text`, /57014/)
  await t.rejects(app.readPrisma.$executeRaw`DELETE FROM bookings`, /25006/)
})

t.test('a list whose client has gone is not started', async (t) => {
  const { app, eventId, letGo, readHistory, startedReads, untilStarted } = await createHeldUp(t)
  const atWork = Array.from({ length: LANES }, (_, i) => readHistory(i + 1))
  await untilStarted(LANES)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const gone = new Promise((resolve) => {
    app.server.on('connection', (socket) => socket.on('close', resolve))
  })
  // Runs right before the handler, which queues the read in the same turn.
  const handled = new Promise((resolve) => {
    app.server.on('request', () => setImmediate(resolve))
  })
  const client = connect(port, '127.0.0.1')
  await once(client, 'connect')
  client.write(`GET /api/events/${eventId}/history HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await handled
  client.destroy()
  await gone

  letGo()
  t.same(
    (await Promise.all(atWork)).map(({ statusCode }) => statusCode),
    [200, 200],
  )
  t.equal((await readHistory()).statusCode, 200)
  t.equal(startedReads(), LANES + 1, 'those at work, and the one after')
})
