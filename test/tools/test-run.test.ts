import { existsSync } from 'node:fs'
import t from 'tap'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { cleanUpRun } from '../helpers/clean-up.ts'
import { buildPrograms, programArgs } from '../helpers/programs.ts'
import { abandonedRuns, createRun, dataDirOf, ownRun, runOf } from '../helpers/run-state.ts'
import { serverProcesses } from './fixtures/embedded-processes.ts'

// No process has this number: the run's was killed.
const DEAD = '2147483646-1'

void t.test('what a killed test run has left is cleaned up, and nothing else', async (t) => {
  const run = runOf(DEAD)
  const dataDir = dataDirOf(run)
  await createRun(run)
  await startEmbeddedDatabase({ dataDir })
  t.equal((await serverProcesses(dataDir)).length > 0, true)

  const abandoned = await abandonedRuns()
  t.ok(abandoned.includes(run))
  t.notOk(abandoned.includes(await ownRun()), 'this run goes on')
  const pids = await serverProcesses(dataDir)
  await cleanUpRun(run)
  t.notOk(existsSync(run))
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

void t.test('a run that was killed before it had a database is cleaned up as well', async (t) => {
  const run = runOf(DEAD.replace('-1', '-2'))
  await createRun(run)
  await buildPrograms(run)
  const [, program = ''] = await programArgs('cli', run)
  t.ok(existsSync(program))
  await cleanUpRun(run)
  t.notOk(existsSync(run))
  t.notOk(existsSync(program))
})
