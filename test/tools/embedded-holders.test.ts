import { join } from 'node:path'
import t from 'tap'
import { startEmbeddedDatabase, stopEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { Child, query } from './fixtures/embedded-processes.ts'
import { createWorkplace } from './fixtures/embedded-workplace.ts'

t.setTimeout(180_000)
const { base, project, assertNothingLeft } = await createWorkplace(t)

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
