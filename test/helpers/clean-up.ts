import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { readRunState, removeRunState } from './run-state.ts'
import { execute } from './sql.ts'

/** Takes away what `before-run.ts` made for a run: this one, or one that was killed. */
export async function cleanUpRun(run?: number): Promise<void> {
  const { adminUrl, template, embeddedDir } = await readRunState(run)
  if (embeddedDir === null) {
    await execute(adminUrl, `DROP DATABASE IF EXISTS ${template}`)
  } else {
    // Joining the running server and leaving it as the last one stops it.
    const database = await startEmbeddedDatabase({ dataDir: join(embeddedDir, 'postgres') })
    await database.stop()
    await rm(embeddedDir, { recursive: true, force: true })
  }
  await removeRunState(run)
}
