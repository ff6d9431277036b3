import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { copyProject, prisma, type CliOptions } from './prisma-cli.ts'

const schemaPath = join('prisma', 'schema.prisma')
const toSchema = ['--to-schema', schemaPath]
const missingDatabase = 'prisma_test_missing'

function withUrl(url: string, change: (url: URL) => void): string {
  const changed = new URL(url)
  change(changed)
  return changed.href
}

async function succeed(t: Test, args: readonly string[], options?: CliOptions) {
  const { exitCode, output } = await prisma(args, options)
  t.equal(exitCode, 0, `prisma ${args.join(' ')}`, { output })
  return output
}

async function countShadowDatabases(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_database WHERE datname LIKE 'prisma_migrate_shadow_db_%'`,
  )
  return rowCount ?? 0
}

async function addColumn(cwd: string): Promise<void> {
  const path = join(cwd, schemaPath)
  const schema = await readFile(path, 'utf8')
  await writeFile(path, schema.replace('model Event {', 'model Event {\n  note String?'))
}

void t.test('commands that need no database', async (t) => {
  const cwd = await copyProject(t)
  await succeed(t, ['validate'], { cwd })
  await succeed(t, ['format', '--check'], { cwd })
  await succeed(t, ['generate'], { cwd })
  const version = await succeed(t, ['version'], { cwd })
  const engine = /Schema Engine\s*: schema-engine-cli (\w{40}) \(at .*schema-engine\.mjs/
  const expected = /Default Engines Hash\s*: (\w{40})/
  t.equal(
    engine.exec(version)?.[1],
    expected.exec(version)?.[1],
    'the engine is the one it expects',
  )
  t.match(
    await succeed(t, ['migrate', 'diff', '--from-empty', ...toSchema, '--script'], { cwd }),
    'CREATE TABLE "bookings"',
  )
  const same = ['migrate', 'diff', '--from-schema', schemaPath, ...toSchema, '--exit-code']
  t.match(await succeed(t, same, { cwd }), 'No difference detected')

  const unset = await prisma(['migrate', 'deploy'], { cwd })
  t.equal(unset.exitCode, 1)
  t.match(unset.output, 'datasource.url property is required')
})

void t.test('an engine that is already set wins', async (t) => {
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: '/nonexistent/engine' }
  const { output } = await prisma(['migrate', 'diff', '--from-empty', ...toSchema], { env })
  t.match(output, '/nonexistent/engine')
})

void t.test('deploy, status and diff', async (t) => {
  const { url } = await createTestDatabase(t, { template: 'empty' })

  const pending = await prisma(['migrate', 'status'], { url })
  t.equal(pending.exitCode, 1)
  t.match(pending.output, 'have not yet been applied')
  t.match(await succeed(t, ['migrate', 'deploy'], { url }), 'have been successfully applied')
  t.match(await succeed(t, ['migrate', 'deploy'], { url }), 'No pending migrations')
  t.match(await succeed(t, ['migrate', 'status'], { url }), 'Database schema is up to date')

  const fromDatabase = ['migrate', 'diff', '--from-config-datasource', '--exit-code', ...toSchema]
  t.match(await succeed(t, fromDatabase, { url }), 'No difference detected')
})

void t.test('the migrations and the schema agree', async (t) => {
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  const cwd = await copyProject(t)
  const migrationsPath = join('prisma', 'migrations')
  const diff = ['migrate', 'diff', '--from-migrations', migrationsPath, '--exit-code', ...toSchema]
  t.match(await succeed(t, diff, { url, cwd }), 'No difference detected')

  await addColumn(cwd)
  const changed = await prisma(diff, { url, cwd })
  t.equal(changed.exitCode, 2)
  t.match(changed.output, 'Added column `note`')
  t.equal(await countShadowDatabases(pool), 0)
})

void t.test('dev writes and applies a migration, reset replays it', async (t) => {
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  const cwd = await copyProject(t)
  const before = (await readdir(join(cwd, 'prisma', 'migrations'))).length

  await addColumn(cwd)
  await succeed(t, ['migrate', 'dev', '--name', 'note', '--create-only'], { url, cwd })
  const migrations = (await readdir(join(cwd, 'prisma', 'migrations'))).sort()
  t.equal(migrations.length, before + 1)
  const [created = ''] = migrations.filter((name) => name.endsWith('_note'))
  const sql = await readFile(join(cwd, 'prisma', 'migrations', created, 'migration.sql'), 'utf8')
  t.match(sql, 'ADD COLUMN     "note" TEXT')
  await t.rejects(pool.query('SELECT note FROM events'), { code: '42703' }, 'not applied yet')

  t.match(await succeed(t, ['migrate', 'dev'], { url, cwd }), created)
  await pool.query('SELECT note FROM events')
  t.match(await succeed(t, ['migrate', 'dev'], { url, cwd }), 'Already in sync')

  await pool.query(`INSERT INTO events (name, total_seats) VALUES ('a', 1)`)
  t.match(await succeed(t, ['migrate', 'reset', '--force'], { url, cwd }), created)
  t.strictSame((await pool.query('SELECT note FROM events')).rows, [])
  t.equal(await countShadowDatabases(pool), 0)
})

void t.test('db push and db execute', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const cwd = await copyProject(t)
  await addColumn(cwd)
  await succeed(t, ['db', 'push'], { url, cwd })

  const file = join(cwd, 'script.sql')
  await writeFile(
    file,
    `INSERT INTO events (name, total_seats, note) VALUES ('a', 1, 'b;c'); SELECT 1`,
  )
  await succeed(t, ['db', 'execute', '--file', file], { url, cwd })
  t.strictSame((await pool.query('SELECT note FROM events')).rows, [{ note: 'b;c' }])

  await writeFile(file, 'SELEC 1')
  const failed = await prisma(['db', 'execute', '--file', file], { url, cwd })
  t.equal(failed.exitCode, 1)
  t.match(failed.output, 'syntax error at or near "SELEC"')
})

void t.test('a migration that fails is named, recorded and left out', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const cwd = await copyProject(t)
  const folder = join(cwd, 'prisma', 'migrations', '20990101000000_broken')
  await mkdir(folder)
  await writeFile(join(folder, 'migration.sql'), 'CREATE TABLE a ();\nCREATE TABLE b (c nonsense);')

  const failed = await prisma(['migrate', 'deploy'], { url, cwd })
  t.equal(failed.exitCode, 1)
  t.match(failed.output, /P3018[^]*20990101000000_broken[^]*42704[^]*LINE: 2/)
  t.equal((await pool.query(`SELECT to_regclass('a') AS a`)).rows[0]?.a, null)

  const again = await prisma(['migrate', 'deploy'], { url, cwd })
  t.equal(again.exitCode, 1)
  t.match(again.output, 'P3009')
})

void t.test('deploys at the same time apply every migration once', async (t) => {
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  const results = await Promise.all([1, 2, 3].map(() => prisma(['migrate', 'deploy'], { url })))
  for (const { exitCode, output } of results) t.equal(exitCode, 0, output)

  const { rows } = await pool.query<{ name: string; times: number }>(
    `SELECT migration_name AS name, count(finished_at)::int AS times
     FROM _prisma_migrations GROUP BY migration_name ORDER BY migration_name`,
  )
  t.ok(rows.length >= 2)
  for (const { name, times } of rows) t.equal(times, 1, name)
})

void t.test('deploy gives up where another one holds the lock', async (t) => {
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  const holder = await pool.connect()
  await holder.query('SELECT pg_advisory_lock(72707369)')
  const { exitCode, output } = await prisma(['migrate', 'deploy'], { url })
  holder.release(true)
  t.equal(exitCode, 1)
  t.match(output, 'P1002')
})

void t.test('deploy creates a missing database', async (t) => {
  const { url: neighbour, pool } = await createTestDatabase(t, { template: 'empty' })
  const name = `${missingDatabase}_${process.pid}`
  const url = withUrl(neighbour, (changed) => {
    changed.pathname = `/${name}`
  })
  const missing = await prisma(['migrate', 'status'], { url })
  t.equal(missing.exitCode, 1)
  t.match(missing.output, /P1003[^]*does not exist/)

  t.teardown(() => pool.query(`DROP DATABASE IF EXISTS ${name}`))
  t.match(await succeed(t, ['migrate', 'deploy'], { url }), 'have been successfully applied')
  t.match(await succeed(t, ['migrate', 'status'], { url }), 'Database schema is up to date')
})

void t.test('a database that cannot be used is an error, not a secret told', async (t) => {
  const { url } = await createTestDatabase(t, { template: 'empty' })
  const secret = 'do-not-print-me'
  const withSecret = withUrl(url, (changed) => {
    changed.password = secret
  })
  const cases: [code: string, url: string][] = [
    ['P1000', withSecret],
    [
      'P1001',
      withUrl(withSecret, (changed) => {
        changed.port = '1'
      }),
    ],
    ['P1013', withSecret.replace(secret, `${secret}/%`)],
  ]
  for (const command of ['deploy', 'status', 'dev']) {
    for (const [code, wrongUrl] of cases) {
      const { exitCode, output } = await prisma(['migrate', command], { url: wrongUrl })
      t.equal(exitCode, 1, `migrate ${command} with ${code}`)
      t.match(output, code)
      t.notMatch(output, secret)
    }
  }
})

void t.test('a panic of the engine is an error', async (t) => {
  const { url } = await createTestDatabase(t, { template: 'empty' })
  const env = { FORCE_PANIC_SCHEMA_ENGINE: '1' }
  const { exitCode, output } = await prisma(['migrate', 'deploy'], { url, env })
  t.equal(exitCode, 1)
  t.match(output, 'artificial panic')
})
