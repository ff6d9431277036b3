import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { projectDir } from './run-state.ts'

const prismaCli = fileURLToPath(
  new URL('../../node_modules/prisma/build/index.js', import.meta.url),
)

/**
 * Runs the Prisma CLI on a database, as a deploy pipeline does.
 *
 * @throws where it exits with another status than 0; `stderr` is a member of the error
 */
export function runPrisma(
  url: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [prismaCli, ...args], {
    cwd: projectDir,
    // tap measures the coverage of what is started before the run, also where it is told not to.
    env: { ...process.env, DATABASE_URL: url, _TAPJS_PROCESSINFO_COVERAGE_: '0' },
  })
}
