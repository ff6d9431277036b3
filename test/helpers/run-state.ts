import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the processes of one test run share. */
export interface RunState {
  /** A database on the server that tests may make and drop others from. */
  adminUrl: string
  /** The migrated database that others are cloned from. */
  template: string
  /** The folder of the embedded server; null where DATABASE_URL names another one. */
  embeddedDir: string | null
}

export const projectDir = fileURLToPath(new URL('../..', import.meta.url))

const stateDir = join(projectDir, '.data')
const STATE_FILE = /^test-run-(\d+)\.json$/

// tap starts every process of a run itself, so its process id names the run.
const ownRun = process.ppid

export async function readRunState(run = ownRun): Promise<RunState> {
  return JSON.parse(await readFile(fileOf(run), 'utf8')) as RunState
}

export async function writeRunState(state: RunState): Promise<void> {
  await mkdir(stateDir, { recursive: true })
  await writeFile(fileOf(ownRun), JSON.stringify(state), { mode: 0o600 })
}

export async function removeRunState(run = ownRun): Promise<void> {
  await rm(fileOf(run), { force: true })
}

/** Runs that were killed before they could clean up. */
export async function abandonedRuns(): Promise<number[]> {
  const names = await readdir(stateDir).catch(() => [])
  const runs = names.flatMap((name) => STATE_FILE.exec(name)?.[1] ?? []).map(Number)
  return runs.filter((run) => !isAlive(run))
}

function fileOf(run: number): string {
  return join(stateDir, `test-run-${run}.json`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
