import { once } from 'node:events'
import * as fs from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { Child, makeFolder, makeProject, query } from './fixtures/embedded-processes.ts'
import { createWorkplace } from './fixtures/embedded-workplace.ts'

t.setTimeout(180_000)
const { base, assertNothingLeft } = await createWorkplace(t)

function listens(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy())
}

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
