import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { checkWithin, repeatDuring } from '../helpers/timing.ts'

// The promise: at ten times the load that it can serve, the process stays responsive, and every
// request has an answer.

const LIVE_WITHIN_MS = 100

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
  const loading = load(baseUrl, eventId, ['-c', '400', '-d', '3', '-R', String(rate)])
  const alive = await repeatDuring(loading, async () => {
    const response = await fetch(`${baseUrl}/livez`)
    await response.arrayBuffer()
    if (response.status !== 200) t.fail(`/livez answered ${response.status}`)
  })
  const { statusCodeStats, errors, timeouts, latency } = await loading
  t.comment(`${rate} requests a second wanted; ${JSON.stringify(statusCodeStats)}`)
  t.comment(`answers: median ${latency.p50} ms, p99 ${latency.p99} ms`)
  checkWithin(t, '/livez', LIVE_WITHIN_MS, alive)
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
