import t from 'tap'
import { bookedAt, gather, untilSettled } from '../helpers/gathered.ts'
import { recordLog } from '../helpers/log.ts'
import { until } from '../helpers/until.ts'

// The promise: the sweeper outlives its database. It says so once for each of its jobs, not each
// time that it tries, and goes on by itself.

/** Look, settle and purge; the chores are a minute away. */
const JOBS = 3
const ROUNDS = 5
const WARN = 40
const DEBUG = 20
const environment = { SWEEP_INTERVAL_MS: '50', DATABASE_CONNECT_TIMEOUT_MS: '500' }

t.test('the sweeper goes on after an outage, and tells of each one once', async (t) => {
  const { proxy, database, lines } = await recordLog(t, environment, 'debug')
  const failures = (level: number): number =>
    lines().filter((line) => line['level'] === level && /sweeper failed/.test(String(line['msg'])))
      .length
  let told = 0
  for (const outage of [1, 2]) {
    await proxy.refuse()
    const repeatedBefore = failures(DEBUG)
    const { pool } = database
    const eventId = await gather(pool, { totalSeats: 1, expired: 1, line: 1 })
    await until(async () => failures(DEBUG) >= repeatedBefore + ROUNDS, 'some more rounds')
    const news = failures(WARN) - told
    t.ok(news >= 1 && news <= JOBS, `${news} lines for outage ${outage}`)

    await proxy.accept()
    await untilSettled(pool, eventId)
    t.same(await bookedAt(t, pool, eventId), ['line-1'])
    told = failures(WARN)
  }
})
