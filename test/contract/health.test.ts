import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy, type Verdict } from '../helpers/proxy.ts'
import { until } from '../helpers/until.ts'

t.test('a migrated database that answers is ready', async (t) => {
  const app = await createTestApp(t)
  const ready = await app.inject('/readyz')
  t.equal(ready.statusCode, 200)
  t.strictSame(ready.json(), { status: 'ready' })
  t.match(ready.headers['cache-control'], /no-store/)
  const live = await app.inject('/livez')
  t.equal(live.statusCode, 200)
  t.strictSame(live.json(), { status: 'alive' })
})

t.test('an empty database is alive and not ready', async (t) => {
  const database = await createTestDatabase(t, { template: 'empty' })
  const app = await createTestApp(t, { database })
  t.equal((await app.inject('/livez')).statusCode, 200)
  const ready = await app.inject('/readyz')
  t.equal(ready.statusCode, 503)
  t.strictSame(ready.json(), { error: 'Database migrations are pending' })
  t.ok(ready.headers['retry-after'])
})

t.test('a migration that failed or was rolled back is pending until it is applied', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  const status = async () => (await app.inject('/readyz')).statusCode
  await database.pool.query('UPDATE _prisma_migrations SET rolled_back_at = now()')
  t.equal(await status(), 503)
  await database.pool.query('UPDATE _prisma_migrations SET rolled_back_at = NULL')
  t.equal(await status(), 200)
  await database.pool.query('UPDATE _prisma_migrations SET finished_at = NULL')
  t.equal(await status(), 503)
})

/** A service whose first question of readiness stops half-way, until it is let go. */
async function createHeldUp(t: Test, environment: Record<string, string> = {}) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
    environment,
  })
  let letGo: () => void = () => undefined
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve))
  t.teardown(() => {
    letGo()
  })
  let questions = 0
  const isHeldUp = new Promise<void>((resolve) => {
    proxy.judge = async (sql): Promise<Verdict> => {
      if (sql.includes('FROM _prisma_migrations')) questions += 1
      // By then the migrations have been read.
      if (sql.includes('FOR UPDATE')) {
        resolve()
        await isLetGo
      }
      return 'pass'
    }
  })
  return { app, database, isHeldUp, letGo, questions: () => questions }
}

t.test('probes that come while a question is under way share the next one', async (t) => {
  const { app, database, isHeldUp, letGo, questions } = await createHeldUp(t)
  const before = app.checkReadiness()
  await isHeldUp
  await database.pool.query('UPDATE _prisma_migrations SET rolled_back_at = now()')
  const after = Array.from({ length: 200 }, () => app.checkReadiness())
  letGo()
  t.equal(await before, null, 'the control: what was asked before the change')
  t.same(new Set(await Promise.all(after)), new Set(['migrations_pending']))
  t.equal(questions(), 2)
})

t.test(
  'a question that takes too long says no to all who wait, and to too many at once',
  async (t) => {
    const { app, isHeldUp, letGo, questions } = await createHeldUp(t, {
      DATABASE_CONNECT_TIMEOUT_MS: '1000',
      MAX_WAITING_READS: '2',
    })
    const first = app.checkReadiness()
    await isHeldUp
    const all = [first, app.checkReadiness()]
    t.equal(await app.checkReadiness(), 'database_unavailable', 'too many')
    t.same(await Promise.all(all), ['database_unavailable', 'database_unavailable'])
    t.equal(questions(), 1)
    letGo()
    await until(async () => (await app.checkReadiness()) === null)
  },
)
