import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The root of the project. */
export const PROJECT = fileURLToPath(new URL('../', import.meta.url))

const CLI = createRequire(import.meta.url).resolve('prisma/build/index.js')
const TIMEOUT_MS = 120_000

export interface PrismaOptions {
  /** The database; left out for commands that need none. */
  url?: string
  cwd?: string
  env?: NodeJS.ProcessEnv
  signal?: AbortSignal
}

export interface PrismaResult {
  /** The exit status, or what ended the CLI otherwise. */
  exitCode: number | string
  /** What it printed, on both of its outputs. */
  output: string
}

/** Runs the project's own Prisma CLI, as a deploy pipeline does. Never fails by itself. */
export function prisma(
  args: readonly string[],
  { url = '', cwd = PROJECT, env, signal }: PrismaOptions = {},
): Promise<PrismaResult> {
  const options = {
    cwd,
    timeout: TIMEOUT_MS,
    env: {
      ...process.env,
      // An empty value hides the URL in `.env`.
      DATABASE_URL: url,
      // The CLI would ask its maker's host for news.
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      ...env,
    },
    ...(signal && { signal }),
  }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : (error.code ?? error.signal ?? error.message)
      resolve({ exitCode, output: stdout + stderr })
    })
    child.stdin?.end() // it is not to ask anything
  })
}

/**
 * Applies the migrations.
 * @throws where that fails, with what the CLI said
 */
export async function migrate(url: string, options: PrismaOptions = {}): Promise<void> {
  const { exitCode, output } = await prisma(['migrate', 'deploy'], { ...options, url })
  if (exitCode !== 0) throw new Error(`The migrations failed (${exitCode}): ${output.trim()}`)
}
