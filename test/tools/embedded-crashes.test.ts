import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startEmbeddedDatabase, stopEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { Child, query, serverPid, serverProcesses } from './fixtures/embedded-processes.ts'
import { createWorkplace } from './fixtures/embedded-workplace.ts'

t.setTimeout(180_000)
const { base, project, assertNothingLeft } = await createWorkplace(t)

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
  t.notOk((await serverProcesses(dataDir)).includes(orphan), 'the orphan is gone')
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
