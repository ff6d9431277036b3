import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent, crowd } from '../helpers/race.ts'
import { checkPromises, reserve, settle, storm, UNAVAILABLE } from '../helpers/storm.ts'

// The promise: without a database every request is a 503 with Retry-After within a bound, the
// process stays alive and says so, and it works again as soon as the database does, by itself.

const BOUNDS = {
  DATABASE_CONNECT_TIMEOUT_MS: '400',
  TRANSACTION_MAX_WAIT_MS: '400',
  TRANSACTION_TIMEOUT_MS: '600',
  LOCK_TIMEOUT_MS: '300',
  COMMAND_TIMEOUT_MS: '1500',
  // One lane: where it does not survive, nothing works any more.
  LANES: '1',
}
const WITHIN_MS = 2500
const LIVE_WITHIN_MS = 100

async function createBroken(t: Test) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
    environment: BOUNDS,
  })
  const eventId = await createEvent(database.pool, 100)
  // Under such bounds the first transaction may be too slow, on a machine with much else to do.
  const first = await reserve(app, { eventId, userId: 'first' })
  await settle(app, [first])
  return { pool: database.pool, proxy, app, eventId }
}

type Broken = Awaited<ReturnType<typeof createBroken>>

/** Books while the database is away; meanwhile the process must say that it is alive. */
async function stormWithout({ app, eventId }: Broken, t: Test) {
  const outage = { isOver: false }
  const watching = (async () => {
    const latencies: number[] = []
    while (!outage.isOver) {
      const startedAt = performance.now()
      await app.inject('/livez')
      latencies.push(performance.now() - startedAt)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return Math.max(...latencies)
  })()
  const answers = await storm(app, crowd(eventId, 60))
  outage.isOver = true
  const slowest = await watching
  t.ok(slowest < LIVE_WITHIN_MS, `alive within ${LIVE_WITHIN_MS} ms (${Math.round(slowest)} ms)`)
  t.ok(
    answers.every(({ status }) => status === 503),
    'every answer is 503',
  )
  return answers
}

t.test('the database refuses connections', async (t) => {
  const broken = await createBroken(t)
  await broken.proxy.refuse()
  const answers = await stormWithout(broken, t)
  t.ok(
    answers.every(({ error }) => error === UNAVAILABLE),
    'surely nothing happened, and the answers say so',
  )
  await broken.proxy.accept()
  const settled = await settle(broken.app, answers)
  await checkPromises(t, broken.pool, [...answers, ...settled], { withinMs: WITHIN_MS })
  t.ok(settled.filter(({ status }) => status === 201).length === 60, 'then all are booked')
})

t.test('the database is frozen, for a while', async (t) => {
  const broken = await createBroken(t)
  broken.proxy.freeze()
  const answers = await stormWithout(broken, t)
  broken.proxy.thaw()
  const settled = await settle(broken.app, answers)
  await checkPromises(t, broken.pool, [...answers, ...settled], { withinMs: WITHIN_MS })
})

t.test('the database is frozen in the middle of a transaction', async (t) => {
  for (const statement of [/FOR UPDATE/, /INSERT INTO bookings/, /^COMMIT/]) {
    const broken = await createBroken(t)
    broken.proxy.judge = (sql) => {
      if (statement.test(sql)) broken.proxy.freeze()
      return 'pass'
    }
    const answers = await stormWithout(broken, t)
    broken.proxy.judge = () => 'pass'
    broken.proxy.thaw()
    const settled = await settle(broken.app, answers)
    await checkPromises(t, broken.pool, [...answers, ...settled], { withinMs: WITHIN_MS })
  }
})

t.test('connections fall silent for ever, as at a failover; new ones work', async (t) => {
  const broken = await createBroken(t)
  // As many connections as there can be, all of them soon stranded.
  await Promise.all(Array.from({ length: 10 }, () => broken.app.prisma.$queryRaw`SELECT 1`))
  broken.proxy.strand()
  const answers = await storm(broken.app, crowd(broken.eventId, 60))
  const settled = await settle(broken.app, answers)
  await checkPromises(t, broken.pool, [...answers, ...settled], { withinMs: WITHIN_MS })
})
