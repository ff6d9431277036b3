import { existsSync } from 'node:fs'
import { stopEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { removePrograms } from './programs.ts'
import { dataDirOf, readRunState, removeRun } from './run-state.ts'
import { execute } from './sql.ts'

/** Takes away what `before-run.ts` made for a run, however far it came: this one, or a dead one. */
export async function cleanUpRun(run: string): Promise<void> {
  const dataDir = dataDirOf(run)
  if (existsSync(dataDir)) await stopEmbeddedDatabase(dataDir)
  else await dropTemplate(run)
  await removePrograms(run)
  await removeRun(run)
}

/** The server that DATABASE_URL named may have gone since. */
async function dropTemplate(run: string): Promise<void> {
  const state = await readRunState(run).catch(() => null)
  if (state === null) return
  const dropped = execute(state.adminUrl, `DROP DATABASE IF EXISTS ${state.template}`)
  await dropped.catch((error: unknown) => {
    console.error(`${state.template} cannot be dropped: ${String(error)}`)
  })
}
