import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'

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

t.test('many probes at once are one question', async (t) => {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, { database: { ...database, url: proxy.url } })
  let questions = 0
  proxy.judge = (sql) => {
    if (sql.includes('FROM _prisma_migrations')) questions += 1
    return 'pass'
  }
  const answers = await Promise.all(Array.from({ length: 200 }, () => app.inject('/readyz')))
  t.ok(answers.every(({ statusCode }) => statusCode === 200))
  t.equal(questions, 1)
})
