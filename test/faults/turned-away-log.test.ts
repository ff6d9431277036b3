import t from 'tap'
import { recordLog } from '../helpers/log.ts'
import { createEvent, crowd } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { BUSY, count, reserve, storm } from '../helpers/storm.ts'

const CROWD = 200
/** Half of the queue, as no event may fill more than that. */
const SERVED = 20
/** Seconds that a test may take, and one; far fewer than are turned away. */
const MAX_LINES = 15

type Line = Record<string, unknown>

/** The lines that count requests with this code, and how many they tell of. */
function toldOf(lines: readonly Line[], code: string) {
  const told = lines.filter((line) => line['code'] === code)
  return { told, counted: told.reduce((total, line) => total + Number(line['count']), 0) }
}

t.test('who is turned away is counted in the log, without a line each', async (t) => {
  const { app, database, lines } = await recordLog(t, { MAX_QUEUE_LENGTH: String(2 * SERVED) })
  const eventId = await createEvent(database.pool, 1000)
  const session = await lockEvent(t, database, eventId)
  const first = reserve(app, { eventId, userId: 'first' })
  await untilBlocked(database.pool, session)
  const answers = await storm(app, crowd(eventId, CROWD), CROWD, (answered) =>
    answered === CROWD - SERVED ? session.rollback() : undefined,
  )
  await first
  // What is not told yet is told at the end.
  await app.close()

  const shed = answers.filter(({ status }) => status === 503).length
  t.equal(shed, CROWD - SERVED)
  const { told, counted } = toldOf(lines(), 'overloaded')
  t.equal(counted, shed, 'all of them are told of')
  t.ok(told.length <= MAX_LINES, `${told.length} lines`)
  t.match(told[0], { level: 50, example: { method: 'POST', url: '/api/bookings/reserve' } })
  t.notMatch(JSON.stringify(told), /stack| {4}at /)
  t.equal(lines().filter(({ status }) => status === 201).length, SERVED + 1)
})

t.test('so are those whose event stays locked', async (t) => {
  const { app, database, lines } = await recordLog(t, { LOCK_TIMEOUT_MS: '300' })
  const eventId = await createEvent(database.pool, 1000)
  const session = await lockEvent(t, database, eventId)
  const answers = await storm(app, crowd(eventId, CROWD), CROWD)
  t.ok(answers.every(({ status, error }) => status === 503 && error === BUSY))
  await session.rollback()
  await app.close()

  const { told, counted } = toldOf(lines(), 'event_busy')
  t.equal(counted, CROWD)
  t.ok(told.length <= MAX_LINES, `${told.length} lines`)
  for (const line of told) {
    t.match(line, {
      example: { status: 503, requestId: /./ },
    })
  }
})

t.test('and those whose database does not answer; each code on its own', async (t) => {
  const { app, database, lines } = await recordLog(t)
  const eventId = await createEvent(database.pool, 1000)
  await database.pool.query('ALTER TABLE bookings RENAME TO gone')
  const answers = await storm(app, crowd(eventId, CROWD), CROWD)
  t.same(count(answers), { 503: CROWD })
  await app.close()
  const { told, counted } = toldOf(lines(), 'database_unavailable')
  t.equal(counted, CROWD)
  t.ok(told.length <= MAX_LINES, `${told.length} lines`)
  t.match(told[0], { err: { code: '42P01', message: /relation "…" does not exist/ } })
})

t.test('at a level above info nothing is said of requests that go well', async (t) => {
  const { app, text } = await recordLog(t)
  app.log.level = 'warn'
  t.equal((await app.inject('/api/events')).statusCode, 200)
  t.equal((await app.inject('/api/events/1')).statusCode, 404)
  t.equal(text(), '')
  app.log.level = 'info'
  await app.inject('/api/events')
  t.match(text(), '"status":200')
})
