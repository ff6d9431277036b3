import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import * as helpers from './fixtures/embedded-processes.ts'
import { Child, makeFolder, makeProject, query, serverPid } from './fixtures/embedded-processes.ts'

t.setTimeout(180_000)
const weAreRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }

// A temporary folder of our own, so that we see what is left in it.
const base = await fs.mkdtemp(join(tmpdir(), 'embedded-test-'))
await fs.chmod(base, 0o755)
const temporary = await makeFolder(join(base, 'tmp'), 0o1777)
process.env['TMPDIR'] = temporary
const project = await makeProject(await makeFolder(join(base, 'project'), 0o755))
t.teardown(() => fs.rm(base, { recursive: true, force: true }))

interface Asserts {
  same(found: unknown, wanted: unknown, message: string): boolean
}

/** Asserts that no process, no temporary file and no draft of this data folder is left. */
async function assertNothingLeft(t: Asserts, dataDir: string): Promise<void> {
  t.same(await helpers.serverProcesses(dataDir), [], 'no process is left')
  t.same(await fs.readdir(temporary), [], 'no temporary file is left')
  const expected = ['cluster', 'server.log', 'server.log.1']
  const names = await fs.readdir(dataDir)
  t.same(
    names.filter((name) => !expected.includes(name)),
    [],
    'the data folder is tidy',
  )
}

/** Waits for a condition, ten seconds at most. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries === 500) throw new Error('the condition does not come to hold')
    await sleep(20)
  }
}

function listens(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy())
}

await t.test('works as an ordinary user', async (t) => {
  const account = weAreRoot ? nobody : {}
  const home = await makeFolder(join(base, 'home'), 0o700)
  if (weAreRoot) await fs.chown(home, nobody.uid, nobody.gid)
  const dataDir = join(home, '.data/postgres')
  const child = new Child(project, dataDir, account)
  const { url, error } = await child.next()
  t.equal(error, '')
  // Root's node_modules have no links between libraries yet, and nobody can make them there.
  t.equal((await fs.readdir(temporary)).length, weAreRoot ? 1 : 0)
  t.equal((await fs.stat(join(dataDir, 'cluster/password'))).mode & 0o777, 0o600)
  t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }])
  await child.stop()
  await assertNothingLeft(t, dataDir)
  if (!weAreRoot) return

  const roots = await makeFolder(join(base, 'roots'), 0o700)
  const refused = new Child(project, roots, account)
  t.match((await refused.next()).error, /cannot be used.*EPERM|EACCES/)
  const root = new Child(project, dataDir)
  t.equal((await root.next()).error, '', "root runs it as the data's owner")
  await root.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('starts, keeps the data, and stops', async (t) => {
  const dataDir = join(base, 'single')
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const first = await startEmbeddedDatabase({ dataDir, log, parameters: { work_mem: '8MB' } })
  t.equal(first.shared, false)
  const url = new URL(first.url)
  t.equal(url.pathname, '/reservations')
  const shown = await query(
    first.url,
    `SELECT version(), current_setting('fsync') AS fsync, current_setting('timezone') AS zone,
       current_setting('server_encoding') AS encoding, current_setting('work_mem') AS memory,
       lower('ÄÉ') AS lower, (SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules) AS auth`,
  )
  t.match(shown, [
    {
      version: /^PostgreSQL 18/,
      fsync: 'on',
      zone: 'UTC',
      encoding: 'UTF8',
      memory: '8MB',
      lower: 'äé',
      auth: 'scram-sha-256',
    },
  ])
  await query(first.url, "CREATE TABLE kept AS SELECT 'yes' AS value")

  const password = join(dataDir, 'cluster/password')
  t.equal((await fs.stat(password)).mode & 0o777, 0o600, 'only the owner reads the password')
  t.equal((await fs.stat(dataDir)).mode & 0o777, 0o700, 'only the owner enters the folder')
  t.equal(await fs.readFile(password, 'utf8'), url.password)
  url.password = 'wrong'
  await t.rejects(query(url.href, 'SELECT 1'), { code: '28P01' }, 'a password is asked for')
  const logText = await fs.readFile(join(dataDir, 'server.log'), 'utf8')
  t.notOk(`${lines.join('\n')}${logText}`.includes(await fs.readFile(password, 'utf8')))

  const port = Number(url.port)
  t.equal(await listens('127.0.0.1', port), true)
  const others = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  for (const { address } of others.filter(({ internal }) => !internal)) {
    t.equal(await listens(address, port), false, `does not listen on ${address}`)
  }
  t.equal(await listens('::1', port), false)

  await Promise.all([first.stop(), first.stop()])
  await assertNothingLeft(t, dataDir)

  const second = await startEmbeddedDatabase({ dataDir, database: 'Other "name"' })
  t.same(await query(second.url, 'SELECT current_database() AS name'), [{ name: 'Other "name"' }])
  const old = second.url.replace(/[^/]*$/, 'reservations')
  t.same(await query(old, 'SELECT value FROM kept'), [{ value: 'yes' }])
  await second.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test(
  'two processes share it; the last one out stops it; Ctrl-C passes it by',
  async (t) => {
    const dataDir = join(base, 'shared')
    const first = new Child(project, dataDir)
    const { url, shared } = await first.next()
    t.equal(shared, false)
    const second = new Child(project, dataDir)
    t.match(await second.next(), { url, shared: true })

    await first.signal('SIGINT')
    await second.signal('SIGINT')
    await first.stop()
    t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }], 'runs on for the second')
    await second.stop()
    await assertNothingLeft(t, dataDir)
  },
)

await t.test('a process that is killed leaves the server to the next one', async (t) => {
  const dataDir = join(base, 'killed')
  const first = new Child(project, dataDir)
  const { url } = await first.next()
  await first.signal('SIGKILL')
  t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }])
  const second = new Child(project, dataDir)
  t.match(await second.next(), { url, shared: true })
  await second.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('a server that is killed starts again, and those who used it live on', async (t) => {
  const dataDir = join(base, 'crash')
  const first = new Child(project, dataDir)
  const { url } = await first.next()
  await query(url, "CREATE TABLE kept AS SELECT 'yes' AS value")
  process.kill(await serverPid(dataDir), 'SIGKILL')
  const second = new Child(project, dataDir)
  const again = await second.next()
  t.match(again, { shared: false, error: '' })
  t.same(await query(again.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  await first.stop()
  t.same(await query(again.url, 'SELECT value FROM kept'), [{ value: 'yes' }], 'still there')
  await second.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('a server that is killed and not started again does not hold up stop', async (t) => {
  const dataDir = join(base, 'crash')
  const database = await startEmbeddedDatabase({ dataDir })
  process.kill(await serverPid(dataDir), 'SIGKILL')
  await database.stop()
  await until(async () => (await helpers.serverProcesses(dataDir)).length === 0)
  await assertNothingLeft(t, dataDir)
})

await t.test('a lost connection is taken up again', async (t) => {
  const dataDir = join(base, 'crash')
  const database = await startEmbeddedDatabase({ dataDir })
  const keepers = 'FROM pg_stat_activity WHERE application_name = $$embedded-database-keeper$$'
  await query(database.url, `SELECT pg_terminate_backend(pid) ${keepers}`)
  await until(async () => (await query(database.url, `SELECT 1 ${keepers}`)).length === 1)
  const second = new Child(project, dataDir)
  t.match(await second.next(), { shared: true })
  await second.stop()
  t.same(await query(database.url, 'SELECT 1 AS one'), [{ one: 1 }], 'the second was not the last')
  await query(database.url, `SELECT pg_terminate_backend(pid) ${keepers}`)
  await database.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('a lock file with the number of a stranger, or empty, is no obstacle', async (t) => {
  const dataDir = join(base, 'crash')
  const lockFile = join(dataDir, 'cluster/data/postmaster.pid')
  const owner = await fs.stat(join(dataDir, 'cluster'))
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', uid: owner.uid, gid: owner.gid })
  await once(stranger, 'spawn')
  const database = await startEmbeddedDatabase({ dataDir })
  const text = await fs.readFile(lockFile, 'utf8')
  process.kill(await serverPid(dataDir), 'SIGKILL')
  await database.stop()
  await fs.writeFile(lockFile, text.replace(/^\d+/, String(stranger.pid)))
  const second = await startEmbeddedDatabase({ dataDir })
  t.equal(second.shared, false)
  t.equal(stranger.exitCode, null)
  stranger.kill()
  await second.stop()

  await fs.writeFile(lockFile, '')
  await fs.chown(lockFile, owner.uid, owner.gid)
  await fs.utimes(lockFile, 0, 0)
  const third = await startEmbeddedDatabase({ dataDir })
  await third.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('processes that start at the same instant end up with one server', async (t) => {
  const dataDir = join(base, 'together')
  for (const folder of ['empty', 'stopped', 'crashed']) {
    const children = [1, 2, 3].map(() => new Child(project, dataDir))
    const told = await Promise.all(children.map((child) => child.next()))
    t.equal(new Set(told.map(({ url }) => url)).size, 1, `one server on a folder that is ${folder}`)
    t.equal(told.filter(({ shared }) => !shared).length, 1, 'one of them started it')
    if (folder === 'stopped') {
      process.kill(await serverPid(dataDir), 'SIGKILL')
    }
    await Promise.all(children.map((child) => child.stop()))
    await until(async () => (await helpers.serverProcesses(dataDir)).length === 0)
  }
  await assertNothingLeft(t, dataDir)
})

await t.test('those who come while the last one leaves get a running server', async (t) => {
  const dataDir = join(base, 'together')
  let leaving = [await startEmbeddedDatabase({ dataDir })]
  for (let round = 0; round < 10; round += 1) {
    const starts = [1, 2].map(() => startEmbeddedDatabase({ dataDir }))
    const [coming] = await Promise.all([Promise.all(starts), ...leaving.map((one) => one.stop())])
    const rows = await Promise.all(coming.map(({ url }) => query(url, 'SELECT 1 AS one')))
    t.same(rows, [[{ one: 1 }], [{ one: 1 }]])
    leaving = coming
  }
  await Promise.all(leaving.map((one) => one.stop()))
  await assertNothingLeft(t, dataDir)
})

await t.test('says plainly what is wrong', async (t) => {
  const dataDir = join(base, 'wrong')
  const versionFile = join(dataDir, 'cluster/data/PG_VERSION')
  const first = await startEmbeddedDatabase({ dataDir })
  await t.rejects(startEmbeddedDatabase({ dataDir, database: '' }), /database .* cannot be created/)
  await first.stop()
  await t.rejects(
    startEmbeddedDatabase({ dataDir, parameters: { work_mem: 'lots' } }),
    /does not start.*\n(.*\n)*.*invalid value for parameter "work_mem"/,
  )
  await fs.writeFile(versionFile, '17\n')
  await t.rejects(
    startEmbeddedDatabase({ dataDir }),
    /made by PostgreSQL 17.*PostgreSQL 18.*remove/,
  )
  await assertNothingLeft(t, dataDir)

  const bare = await makeProject(await makeFolder(join(base, 'bare'), 0o755), false)
  const child = new Child(bare, join(base, 'nothing'))
  t.match((await child.next()).error, /not installed.*set DATABASE_URL/)
})

await t.test('works in a directory that only its owner can enter', async (t) => {
  const closed = await makeFolder(join(base, 'closed'), 0o700)
  const moved = join(closed, 'project')
  await fs.rename(project, moved)
  const dataDir = join(moved, '.data/postgres')
  const first = new Child(moved, dataDir)
  const { url, error } = await first.next()
  t.equal(error, '')
  await query(url, "CREATE TABLE kept AS SELECT 'yes' AS value")
  // The server's user gets at the binaries by path only where they are a copy.
  t.equal((await fs.readdir(temporary)).length, weAreRoot ? 1 : 0)
  await first.signal('SIGKILL')
  process.kill(await serverPid(dataDir), 'SIGKILL')
  await until(async () => (await helpers.serverProcesses(dataDir)).length === 0)

  const second = new Child(moved, dataDir)
  const again = await second.next()
  t.same(await query(again.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  t.equal((await fs.readdir(temporary)).length, weAreRoot ? 1 : 0, 'the stale copy is gone')
  const third = new Child(moved, dataDir)
  await third.next()
  await second.stop()
  t.same(await query(again.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  await third.stop()
  await assertNothingLeft(t, dataDir)
})
