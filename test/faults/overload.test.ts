import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { reservePlain } from '../helpers/engine.ts'
import { startEngine } from '../helpers/fault-engine.ts'
import { createEvent, crowd, race, seatsOf } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { OVERLOADED, quantile, reserve, storm } from '../helpers/storm.ts'

const LIVE_WITHIN_MS = 100

t.test('more commands than a batch takes: several batches, none too large', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations, batches } = startEngine(t, url, { MAX_BATCH_SIZE: '10' })
  const eventId = await createEvent(pool, 120)
  const ask = async (event: number, userId: string): Promise<number> =>
    (await reservePlain(reservations, event, userId)) === 'booked' ? 201 : 409
  t.same(await race(ask, crowd(eventId, 300)), { 201: 120, 409: 180 })
  t.same(await seatsOf(pool, eventId), { rows: 120, users: 120, taken: 120 })
  t.ok(batches.length >= 30, `${batches.length} batches`)
  t.equal(Math.max(...batches.map(({ size }) => size)), 10)
})

t.test('a full queue is 503 with Retry-After at once, and leaves room for others', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, {
    database,
    environment: { MAX_QUEUE_LENGTH: '40', MAX_BATCH_SIZE: '10', LOCK_TIMEOUT_MS: '3000' },
  })
  const hot = await createEvent(database.pool, 1000)
  const cold = await createEvent(database.pool, 10)
  const session = await lockEvent(t, database, hot)
  const first = reserve(app, { eventId: hot, userId: 'first' })
  await untilBlocked(database.pool, session)
  let isReleased = false
  const answering = storm(app, crowd(hot, 200), 200, (answers) => {
    // A key may fill half of the queue: what is beyond that gets its answer while it is locked.
    if (answers === 180 && !isReleased) {
      isReleased = true
      return Promise.all([reserve(app, { eventId: cold, userId: 'ann' }), session.rollback()])
    }
    return undefined
  })
  const answers = await answering
  const turnedAway = answers.filter(({ status }) => status === 503)
  t.equal(turnedAway.length, 180)
  for (const { error, retryAfter, tookMs } of turnedAway) {
    if (error !== OVERLOADED || retryAfter === undefined || tookMs > 1000) t.fail(String(tookMs))
  }
  t.equal(answers.filter(({ status }) => status === 201).length, 20)
  t.equal((await first).status, 201)
  t.same(await seatsOf(database.pool, hot), { rows: 21, users: 21, taken: 21 })
  t.equal((await seatsOf(database.pool, cold)).rows, 1, 'another event was booked meanwhile')
})

interface LoadResult {
  readonly requests: { readonly average: number }
  readonly latency: { readonly p50: number; readonly p99: number }
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>
  readonly errors: number
  readonly timeouts: number
}

/** Loads the service from a process of its own, with another user in each request. */
async function load(baseUrl: string, eventId: number, args: readonly string[]) {
  const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
  const child = spawn(
    process.execPath,
    [
      ...[autocannon, '--json', '--no-progress', '--idReplacement', '-m', 'POST', ...args],
      ...['-H', 'content-type=application/json'],
      ...['-b', `{"event_id":${eventId},"user_id":"[<id>]"}`],
      `${baseUrl}/api/bookings/reserve`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const exited = once(child, 'exit')
  const result = (await json(child.stdout)) as LoadResult
  await exited
  return result
}

t.test('at ten times the load that it can serve, the process stays responsive', async (t) => {
  const database = await createTestDatabase(t)
  // One booking a transaction makes a service that is soon overloaded.
  const { baseUrl } = await startService(t, database.url, {
    LANES: '1',
    MAX_BATCH_SIZE: '1',
    MAX_QUEUE_LENGTH: '100',
  })
  const eventId = await createEvent(database.pool, 1_000_000)
  const capacity = await load(baseUrl, eventId, ['-c', '8', '-d', '2'])
  const rate = Math.ceil(capacity.requests.average * 10)
  const flood = { isOver: false }
  const loading = load(baseUrl, eventId, ['-c', '400', '-d', '3', '-R', String(rate)])
  const done = loading.finally(() => (flood.isOver = true))
  const latencies: number[] = []
  while (!flood.isOver) {
    const startedAt = performance.now()
    const response = await fetch(`${baseUrl}/livez`)
    await response.arrayBuffer()
    latencies.push(performance.now() - startedAt)
    if (response.status !== 200) t.fail(`/livez answered ${response.status}`)
  }
  const { statusCodeStats, errors, timeouts, latency } = await done
  t.comment(`${rate} requests a second wanted; ${JSON.stringify(statusCodeStats)}`)
  t.comment(`answers: median ${latency.p50} ms, p99 ${latency.p99} ms`)
  t.comment(
    `/livez asked ${latencies.length} times, slowest ${Math.round(Math.max(...latencies))} ms`,
  )
  const p95 = quantile(latencies, 0.95)
  t.ok(p95 < LIVE_WITHIN_MS, `/livez within ${LIVE_WITHIN_MS} ms (${Math.round(p95)} ms)`)
  t.equal(errors + timeouts, 0, 'every request has an answer')
  t.ok((statusCodeStats['503']?.count ?? 0) > 0, 'it was overloaded indeed')
  t.same(
    Object.keys(statusCodeStats).filter((status) => !['201', '503'].includes(status)),
    [],
    'every answer is 201 or 503',
  )
  const { rows, users, taken } = await seatsOf(database.pool, eventId)
  t.same([users, taken], [rows, rows])
})
