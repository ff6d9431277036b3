import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startEmbeddedDatabase, stopEmbeddedDatabase } from '../../tools/embedded/index.ts'
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

/** Asserts that no process, no temporary file and no draft of this data folder is left. */
async function assertNothingLeft(t: Test, dataDir: string): Promise<void> {
  t.same(await helpers.serverProcesses(dataDir), [], 'no process is left')
  t.same(await fs.readdir(temporary), [], 'no temporary file is left')
  const expected = ['cluster', 'server.log', 'server.log.1']
  const others = (await fs.readdir(dataDir)).filter((name) => !expected.includes(name))
  t.match(others, [/^owner-\d+$/], 'the data folder is tidy')
  t.equal(await fs.readlink(join(dataDir, others.join())), 'free', 'nobody has the folder')
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
  t.match((await refused.next()).error, /EPERM|EACCES/)
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

  const second = await startEmbeddedDatabase({ dataDir })
  t.same(await query(second.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  await second.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('one process has the folder; a second one is told which; Ctrl-C passes', async (t) => {
  const dataDir = join(base, 'held')
  const first = new Child(project, dataDir)
  const { url } = await first.next()
  const second = new Child(project, dataDir)
  const { error } = await second.next()
  t.match(error, new RegExp(`^Error: Process ${String(first.pid)} holds .*/held: .*DATABASE_URL$`))

  await first.signal('SIGINT')
  t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }], 'runs on, for the first one to stop it')
  await first.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('a process that is killed leaves a server, which the next one stops', async (t) => {
  const dataDir = join(base, 'killed')
  const first = new Child(project, dataDir)
  const { url } = await first.next()
  await query(url, "CREATE TABLE kept AS SELECT 'yes' AS value")
  await first.signal('SIGKILL')
  t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }], 'the orphan runs')
  const orphan = await serverPid(dataDir)

  const second = new Child(project, dataDir)
  const again = await second.next()
  t.same(await query(again.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  t.notOk((await helpers.serverProcesses(dataDir)).includes(orphan), 'the orphan is gone')
  await second.signal('SIGKILL')
  await stopEmbeddedDatabase(dataDir)
  await assertNothingLeft(t, dataDir)
})

await t.test('a process may be killed at any moment of its start', async (t) => {
  for (const afterMs of [100, 200, 400, 800, 1600]) {
    const dataDir = join(base, `killed-after-${afterMs}`)
    const first = new Child(project, dataDir)
    await sleep(afterMs) // there is no event for "in the middle of it"
    await first.signal('SIGKILL')
    const second = new Child(project, dataDir)
    const { url, error } = await second.next()
    t.equal(error, '', `killed after ${afterMs} ms`)
    t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }])
    await second.stop()
    await assertNothingLeft(t, dataDir)
  }
})

await t.test('a server that is killed does not hold up stop, and starts again', async (t) => {
  const dataDir = join(base, 'crash')
  const database = await startEmbeddedDatabase({ dataDir })
  await query(database.url, "CREATE TABLE kept AS SELECT 'yes' AS value")
  process.kill(await serverPid(dataDir), 'SIGKILL')
  await database.stop()
  const second = await startEmbeddedDatabase({ dataDir })
  t.same(await query(second.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  await second.stop()
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
  // So does that of the process that has the folder: what counts is when it was started.
  await fs.symlink(`${String(stranger.pid)}-1`, join(dataDir, 'owner-1000'))
  const second = await startEmbeddedDatabase({ dataDir })
  t.equal(stranger.exitCode, null)
  stranger.kill()
  await second.stop()

  await fs.writeFile(lockFile, '')
  await fs.chown(lockFile, owner.uid, owner.gid)
  const third = await startEmbeddedDatabase({ dataDir })
  await third.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('of processes that start at the same instant one gets the folder', async (t) => {
  const dataDir = join(base, 'together')
  for (const folder of ['empty', 'stopped', 'left by a process that was killed']) {
    const children = [1, 2, 3].map(() => new Child(project, dataDir))
    const told = await Promise.all(children.map((child) => child.next()))
    const holders = children.filter((_, index) => told[index]?.error === '')
    t.equal(holders.length, 1, `one server on a folder that is ${folder}`)
    const [holder] = holders
    for (const { error } of told.filter(({ url }) => url === '')) {
      t.match(error, `Process ${String(holder?.pid)} holds`)
    }
    if (folder === 'stopped') await holder?.signal('SIGKILL')
    else await holder?.stop()
  }
  await assertNothingLeft(t, dataDir)
})

await t.test('stop leaves alone what another process has taken since', async (t) => {
  const dataDir = join(base, 'succeeded')
  const first = await startEmbeddedDatabase({ dataDir })
  await stopEmbeddedDatabase(dataDir)
  const second = new Child(project, dataDir)
  const { url, error } = await second.next()
  t.equal(error, '')
  await first.stop()
  t.same(await query(url, 'SELECT 1 AS one'), [{ one: 1 }], 'the server of the second one runs on')
  await t.rejects(startEmbeddedDatabase({ dataDir }), {
    message: `Process ${String(second.pid)} holds`,
  })
  await second.stop()
  await assertNothingLeft(t, dataDir)
})

await t.test('says plainly what is wrong', async (t) => {
  const dataDir = join(base, 'wrong')
  const versionFile = join(dataDir, 'cluster/data/PG_VERSION')
  const first = await startEmbeddedDatabase({ dataDir })
  await first.stop()
  await t.rejects(
    startEmbeddedDatabase({ dataDir, parameters: { work_mem: 'lots' } }),
    /does not start.*\n(.*\n)*.*invalid value for parameter "work_mem"/,
  )
  await fs.writeFile(versionFile, '17\n')
  await t.rejects(
    startEmbeddedDatabase({ dataDir }),
    /initialized by PostgreSQL version 17.*not compatible with this version 18/,
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
  await second.stop()
  await assertNothingLeft(t, dataDir)
})
