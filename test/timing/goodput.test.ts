import pg from 'pg'
import t, { type Test } from 'tap'
import { arrange } from '../bench/arrange.ts'
import { runLoad } from '../bench/load/run-load.ts'
import type { Ask } from '../bench/load/job.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startService } from '../helpers/service.ts'

// The promise: more clients than can be served at once don't keep those from being served who can
// be. The benchmark measures how well; this fails on gross misses.

const CLIENTS = 300
const MANY = 2000
const HOLDS = 20_000
const TIMING = { warmUpMs: 500, measureMs: 1500 }

async function startMeasured(t: Test, environment: Record<string, string> = {}) {
  const { url } = await createTestDatabase(t)
  const { baseUrl } = await startService(t, url, environment)
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  t.teardown(() => pool.end())
  const measure = async (ask: Ask, clients: number) => {
    const { eventIds, bookingIds } = await arrange(pool, 'service', { events: 20, held: HOLDS })
    const goodStatus = ask === 'reserve' ? 201 : 200
    const userPrefix = `${ask}-${clients}`
    const ports = [Number(new URL(baseUrl).port)]
    const asked = { ports, clients, ask, goodStatuses: [goodStatus] }
    const result = await runLoad({ ...TIMING, ...asked, eventIds, bookingIds, userPrefix })
    t.equal(result.unanswered, 0, 'every request has an answer')
    const others = Object.keys(result.statuses).filter(
      (status) => ![String(goodStatus), '503'].includes(status),
    )
    t.same(others, [], 'every answer is a good one or 503')
    return result
  }
  return measure
}

async function compare(t: Test, environment: Record<string, string>, toKeep: number) {
  const measure = await startMeasured(t, environment)
  // For the compiler.
  await measure('read', CLIENTS)
  for (const ask of ['read', 'confirm', 'reserve'] as const) {
    const few = await measure(ask, CLIENTS)
    const many = await measure(ask, MANY)
    const ratio = many.goodPerSecond / few.goodPerSecond
    const [of, to] = [many, few].map(({ goodPerSecond }) => Math.round(goodPerSecond))
    const text = `${ask}: ${of} a second with ${MANY} clients, ${to} with ${CLIENTS}`
    t.comment(`${text}; statuses ${JSON.stringify(many.statuses)}`)
    t.ok(ratio >= toKeep, `${text}: ${ratio.toFixed(2)}`)
  }
}

t.test('good answers beyond a thousand clients', (t) => compare(t, {}, 0.5))

// Each 503 makes its client ask again at once: those who are served must not wait for them.
t.test('good answers while most are turned away', (t) =>
  compare(t, { MAX_WAITING_READS: '400', MAX_QUEUE_LENGTH: '800' }, 0.25),
)
