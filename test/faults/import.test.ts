import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import type pg from 'pg'
import t from 'tap'
import { createTestApp, PATIENT } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'
import { answersOf, beginImport, linesOf, receive, type ImportAnswer } from '../helpers/import.ts'
import { createEvent, fetchSeat } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'

// The promise: whatever fails in the middle of an import, each line that was answered with 201 is there,
// once; the last answer says where it stopped; and the same import, sent again, does what is left.

const COUNT = 1500

function* lines(count = COUNT): Generator<string> {
  for (let i = 1; i <= count; i += 1) yield linesOf({ user_id: `user ${i}` })
}

/** Sends an import, and gives what is answered until the connection ends. */
async function importAll(baseUrl: string, eventId: number): Promise<ImportAnswer[]> {
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  pipeline(Readable.from(lines()), asking).catch(() => undefined)
  return answersOf(await text(await answered))
}

async function bookingsOf(pool: pg.Pool, eventId: number): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ id: string; user_id: string }>(
    'SELECT id, user_id FROM bookings WHERE event_id = $1',
    [eventId],
  )
  return new Map(rows.map(({ id, user_id: userId }) => [userId, Number(id)]))
}

/** Each answer of 201 names a booking that is there. */
async function areThere(pool: pg.Pool, eventId: number, answers: readonly ImportAnswer[]) {
  const bookings = await bookingsOf(pool, eventId)
  return answers.every(
    ({ line, status, booking }) => status !== 201 || bookings.get(`user ${line}`) === booking?.id,
  )
}

t.test('the database goes away in the middle', { timeout: 120_000 }, async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const proxy = await startProxy(t, database.url)
  const eventId = await createEvent(pool, COUNT)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
    environment: { DATABASE_CONNECT_TIMEOUT_MS: '400', TRANSACTION_MAX_WAIT_MS: '400' },
  })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  pipeline(Readable.from(lines()), asking).catch(() => undefined)
  const { some, all } = receive(await answered)
  await some
  await proxy.refuse()
  const answers = await all
  await proxy.accept()
  const last = answers.at(-1)
  t.match(last, { line: answers.length, status: 503, retry_after: 1, stopped: true })
  t.match(last?.error?.code, /^(database_unavailable|outcome_unknown|overloaded)$/)
  t.ok(answers.every(({ line }, i) => line === i + 1))
  t.ok(answers.every(({ status }) => status === 201 || status === 503))
  t.ok(answers.some(({ status }) => status === 201) && answers.length < COUNT)
  t.ok(await areThere(pool, eventId, answers), 'what was acknowledged is there')

  const again = await importAll(baseUrl, eventId)
  t.equal(again.length, COUNT)
  t.ok(again.every(({ status }) => status === 201))
  t.ok(await areThere(pool, eventId, [...answers, ...again]), 'as it was told the first time')
  t.equal((await bookingsOf(pool, eventId)).size, COUNT)
})

t.test('the process is killed in the middle, over and over', { timeout: 240_000 }, async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const eventId = await createEvent(pool, COUNT)
  const told: ImportAnswer[] = []
  for (const killedAfter of [1, 5, Infinity]) {
    const service = await startService(t, url, PATIENT)
    const { asking, answered } = beginImport(service.baseUrl, eventId, 'k')
    pipeline(Readable.from(lines()), asking).catch(() => undefined)
    const response = await answered
    let received = ''
    try {
      let pieces = 0
      for await (const piece of response) {
        received += String(piece)
        if ((pieces += 1) === killedAfter) process.kill(service.pid, 'SIGKILL')
      }
    } catch (error) {
      t.match(error, { code: 'ECONNRESET' })
    }
    const answers = answersOf(received.slice(0, received.lastIndexOf('\n') + 1))
    t.equal(answers.length === COUNT, killedAfter === Infinity, `${answers.length} answers`)
    t.ok(answers.every(({ line, status }, i) => line === i + 1 && status === 201))
    told.push(...answers)
    t.ok(await areThere(pool, eventId, told), 'what was ever acknowledged is there')
    if (killedAfter === Infinity) t.equal(await service.stop(), 0)
  }
  t.equal((await bookingsOf(pool, eventId)).size, COUNT)
})

t.test('the service shuts down in the middle', { timeout: 120_000 }, async (t) => {
  const database = await createTestDatabase(t)
  const { url, pool } = database
  const eventId = await createEvent(pool, COUNT)
  const service = await startService(t, url, PATIENT)
  const { asking, answered } = beginImport(service.baseUrl, eventId, 'k')
  // It goes on: what is left of it comes when the service has begun to close.
  asking.write([...lines(10)].join(''))
  const { some, all } = receive(await answered)
  await some
  const session = await lockEvent(t, database, eventId)
  asking.write([...lines(20)].slice(10).join(''))
  await untilBlocked(pool, session)
  const stopped = service.stop('SIGTERM')
  await session.rollback()
  const answers = await all
  t.equal(await stopped, 0)
  t.match(answers.at(-1), {
    line: 21,
    status: 503,
    retry_after: 1,
    error: { code: 'shutting_down' },
    stopped: true,
  })
  t.equal(answers.length, 21)
  t.ok(
    answers.slice(0, -1).every(({ status }) => status === 201),
    'what was under way is done',
  )
  t.equal((await bookingsOf(pool, eventId)).size, 20)
})

t.test('an event that others keep busy is waited for', { timeout: 120_000 }, async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, COUNT)
  const app = await createTestApp(t, { database, environment: { LOCK_TIMEOUT_MS: '300' } })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const session = await lockEvent(t, database, eventId)
  const importing = importAll(baseUrl, eventId)
  await untilBlocked(database.pool, session)
  // Whoever asks by himself is told to come again; by then the lines have been, too.
  for (let i = 0; i < 2; i += 1) {
    t.equal((await fetchSeat(baseUrl, { eventId, userId: 'impatient' })).status, 503)
  }
  await session.rollback()
  const answers = await importing
  t.equal(answers.length, COUNT)
  t.ok(answers.every(({ status }) => status === 201))
})
