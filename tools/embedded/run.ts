import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import type { Account } from './account.ts'

const execute = promisify(execFile)

/**
 * What PostgreSQL's programs see of the environment. Nothing of ours: PGPORT, LC_ALL, LD_PRELOAD
 * and their like would change what they do.
 */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TMPDIR: tmpdir() }
}

/**
 * Runs a program to its end.
 * @returns what it wrote on its standard output
 * @throws where it can't be started, exits with another code than 0, or takes too long
 */
export async function runTool(
  program: string,
  args: string[],
  options: { account: Account | null; cwd: string; timeoutMs: number },
): Promise<string> {
  const { account, cwd, timeoutMs } = options
  const { stdout } = await execute(program, args, {
    cwd,
    timeout: timeoutMs,
    env: toolEnvironment(),
    ...account,
  })
  return stdout
}
