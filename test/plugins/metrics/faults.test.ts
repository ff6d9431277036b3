import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createTestApp } from '../../helpers/app.ts'
import { createTestDatabase } from '../../helpers/database.ts'
import { parseMetrics, valueIn, type Sample } from '../../helpers/metrics.ts'
import { startProxy, type Verdict } from '../../helpers/proxy.ts'
import { createEvent } from '../../helpers/race.ts'
import { exchange, rawRequest } from '../../helpers/raw.ts'
import { reserve } from '../../helpers/storm.ts'
import { until } from '../../helpers/until.ts'

// The promise: a scrape is answered in bounded time and costs little, whatever becomes of the database.
const OWN = { METRICS_PORT: '0', METRICS_HOST: '127.0.0.1' }
/** A gross miss of what a scrape gives the database. */
const LONGEST_MS = 8000
const CLIENTS = 30
const AT_ONCE = 20
const LAST = rawRequest('GET', '/metrics', { headers: ['Connection: close'] })
/** How late the answer to a commit is before it is lost: what is to be seen of it. */
const LATE_MS = 300
/** How long an answer, and what it says of the backlog, is shared. */
const KEPT_MS = 1000
const BACKLOG_KEPT_MS = 10_000
const OF_BACKLOG = ['reservation_sweep_lag_seconds', 'reservation_waitlist_oldest_seconds']

async function createMeasured(t: Test, environment: Record<string, string> = {}) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { url: proxy.url },
    environment: { ...OWN, ...environment },
  })
  const url = `http://127.0.0.1:${app.metrics?.port}/metrics`
  const scrape = async (): Promise<Sample[]> => {
    const startedAt = performance.now()
    const response = await fetch(url)
    const samples = parseMetrics(await response.text())
    const tookMs = performance.now() - startedAt
    if (response.status !== 200 || tookMs > LONGEST_MS) {
      throw new Error(`a scrape came to ${response.status} after ${tookMs} ms`)
    }
    return samples
  }
  /** Scrapes until there is an answer that has seen the database, or has not. */
  const scrapeUntil = (isReady: boolean): Promise<Sample[]> =>
    until(async () => {
      const samples = await scrape()
      return valueIn(samples, 'reservation_ready') === Number(isReady) && samples
    })
  return { app, database, proxy, scrape, scrapeUntil }
}

t.test('without a database all is told that needs none', async (t) => {
  for (const away of ['refuse', 'freeze'] as const) {
    const { proxy, scrape, scrapeUntil } = await createMeasured(t)
    await proxy[away]()
    const samples = await scrape()
    t.equal(valueIn(samples, 'reservation_ready'), 0)
    for (const name of OF_BACKLOG) t.equal(valueIn(samples, name), undefined, `${away}: ${name}`)
    t.not(valueIn(samples, 'nodejs_eventloop_lag_p99_seconds'), undefined)
    t.not(valueIn(samples, 'reservation_commands_in_progress'), undefined)
    if (away === 'refuse') await proxy.accept()
    else proxy.thaw()
    const again = await scrapeUntil(true)
    t.not(valueIn(again, 'reservation_ready'), undefined, 'and then again')
  }
})

t.test(
  'a table that stays locked costs the scrape a bounded time, and one connection',
  async (t) => {
    const { app, database, scrape } = await createMeasured(t)
    const other = await database.pool.connect()
    t.teardown(() => {
      other.release(true)
    })
    await other.query('BEGIN')
    await other.query('LOCK TABLE waitlist_entries IN ACCESS EXCLUSIVE MODE')
    const samples = await scrape()
    for (const name of OF_BACKLOG) t.equal(valueIn(samples, name), undefined, name)
    const { totalCount, idleCount } = app.pools.reads
    t.ok(totalCount - idleCount <= 1)
    await other.query('ROLLBACK')
    await until(async () => valueIn(await scrape(), OF_BACKLOG[0] ?? '') === 0)
  },
)

t.test(
  'what a scrape asks of the backlog waits for a lane, and takes none of the others',
  async (t) => {
    const lanes = 2
    const { app, database, proxy, scrape } = await createMeasured(t, {
      DATABASE_READ_POOL_SIZE: String(lanes + 3),
    })
    const eventId = await createEvent(database.pool, 3)
    let letGo: () => void = () => undefined
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve))
    t.teardown(() => {
      letGo()
    })
    let listsBegun = 0
    let asked = 0
    proxy.judge = async (statement): Promise<Verdict> => {
      if (statement.includes('oldest_in_line')) asked += 1
      if (!statement.includes('json_array_elements(h.changes)')) return 'pass'
      listsBegun += 1
      await isLetGo
      return 'pass'
    }
    const pages = Array.from({ length: lanes }, (_, i) =>
      app.inject(`/api/events/${eventId}/history?limit=${i + 1}`),
    )
    await until(() => Promise.resolve(listsBegun === lanes))
    const samples = await scrape()
    for (const name of OF_BACKLOG) t.equal(valueIn(samples, name), undefined, name)
    t.equal(asked, 0)
    t.equal((await app.inject(`/api/events/${eventId}`)).statusCode, 200, 'the others are free')
    letGo()
    for (const { statusCode } of await Promise.all(pages)) t.equal(statusCode, 200)
    await until(async () => valueIn(await scrape(), OF_BACKLOG[0] ?? '') === 0)
  },
)

t.test('a storm of scrapes asks the database once', async (t) => {
  const { app, proxy, scrapeUntil } = await createMeasured(t)
  let asked = 0
  proxy.judge = (statement) => {
    if (statement.includes('oldest_in_line')) asked += 1
    return 'pass'
  }
  const startedAt = performance.now()
  await scrapeUntil(true)
  const bytes = `${rawRequest('GET', '/metrics').repeat(AT_ONCE - 1)}${LAST}`
  const storm = Array.from({ length: CLIENTS }, () => exchange(t, Number(app.metrics?.port), bytes))
  const texts = (await Promise.all(storm)).flat().map(({ body }) => body)
  t.equal(texts.length, CLIENTS * AT_ONCE)
  t.ok(texts.every((text) => parseMetrics(text).length > 100))
  // A storm that takes some seconds gets an answer for each.
  const most = 1 + Math.ceil((performance.now() - startedAt) / KEPT_MS)
  const answers = new Set(texts).size
  t.ok(answers <= most, `${answers} answers, where ${most} are right`)
  const mostAsked = 1 + Math.ceil((performance.now() - startedAt) / BACKLOG_KEPT_MS)
  t.ok(asked >= 1 && asked <= mostAsked, `asked ${asked} times, where ${mostAsked} are right`)
})

t.test('a commit whose answer is lost is among the commits', async (t) => {
  const step = 'write_and_commit'
  for (const statement of [/^COMMIT/, /INSERT INTO bookings/]) {
    const { app, database, proxy, scrape } = await createMeasured(t)
    const eventId = await createEvent(database.pool, 3)
    const before = await scrape()
    proxy.judge = async (sql) => {
      if (!statement.test(sql)) return 'pass'
      await delay(LATE_MS)
      return 'cut_after'
    }
    const { status } = await reserve(app, { eventId, userId: 'ann' })
    t.equal(status, 503)
    const after = await until(async () => {
      const samples = await scrape()
      const labels = { type: 'reserve', outcome: 'outcome_unknown' }
      return valueIn(samples, 'reservation_commands_total', labels) === 1 && samples
    })
    const name = 'reservation_transaction_step_seconds'
    const grown = (suffix: string) =>
      (valueIn(after, name + suffix, { step }) ?? 0) -
      (valueIn(before, name + suffix, { step }) ?? 0)
    t.equal(grown('_count'), 1, String(statement))
    t.ok(grown('_sum') >= LATE_MS / 1000, `it took ${grown('_sum')} s`)
  }
})
