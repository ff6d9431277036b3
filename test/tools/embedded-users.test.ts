import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../helpers/until.ts'
import {
  Child,
  makeFolder,
  query,
  serverPid,
  serverProcesses,
} from './fixtures/embedded-processes.ts'
import { createWorkplace } from './fixtures/embedded-workplace.ts'

t.setTimeout(180_000)
const { base, temporary, project, assertNothingLeft } = await createWorkplace(t)

const weAreRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }

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
  await until(async () => (await serverProcesses(dataDir)).length === 0)

  const second = new Child(moved, dataDir)
  const again = await second.next()
  t.same(await query(again.url, 'SELECT value FROM kept'), [{ value: 'yes' }])
  t.equal((await fs.readdir(temporary)).length, weAreRoot ? 1 : 0, 'the stale copy is gone')
  await second.stop()
  await assertNothingLeft(t, dataDir)
})
