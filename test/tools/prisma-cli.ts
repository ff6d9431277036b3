import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export const projectPath = fileURLToPath(new URL('../../', import.meta.url))

const cliPath = join(projectPath, 'node_modules', 'prisma', 'build', 'index.js')
const timeoutMs = 60_000

export interface CliResult {
  exitCode: number | string | null | undefined
  output: string
}

export interface CliOptions {
  url?: string
  cwd?: string
  env?: NodeJS.ProcessEnv
}

/** Runs the Prisma CLI as a user would, and answers with what it printed and its exit code. */
export function prisma(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const env = {
    ...process.env,
    // An empty value hides the project's own .env, which must not be migrated by a test.
    DATABASE_URL: options.url ?? '',
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    ...options.env,
  }
  const { cwd = projectPath } = options
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [cliPath, ...args],
      { cwd, env, timeout: timeoutMs },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : (error.code ?? error.signal)
        resolve({ exitCode, output: stdout + stderr })
      },
    )
    child.stdin?.end()
  })
}

/**
 * A copy of the Prisma folder, for commands that write into it. Its path has a space in it. It
 * lies in the project, from where Node finds the packages.
 */
export async function copyProject(t: Test) {
  const parent = join(projectPath, '.tap')
  await mkdir(parent, { recursive: true })
  const path = await mkdtemp(join(parent, 'prisma project '))
  t.teardown(() => rm(path, { recursive: true }))
  for (const name of ['prisma', 'tools', 'prisma.config.ts', 'package.json']) {
    await cp(join(projectPath, name), join(path, name), { recursive: true })
  }
  await symlink(join(projectPath, 'node_modules'), join(path, 'node_modules'))
  return path
}
