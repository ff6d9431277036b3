import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRunning, tokenOf } from '../../tools/embedded/process.ts'

/** What the processes of one test run share. */
export interface RunState {
  /** A database on the server that tests may make and drop others from. */
  adminUrl: string
  /** The migrated database that others are cloned from. */
  template: string
}

export const projectDir = fileURLToPath(new URL('../..', import.meta.url))

const runsDir = join(projectDir, '.data/test-runs')

/**
 * The folder of this run. tap starts every process of a run itself, so tap's process names it;
 * what is left of a run that was killed is known by its name.
 */
export async function ownRun(): Promise<string> {
  const token = await tokenOf(process.ppid)
  if (token === null) throw new Error('The process that runs the tests has gone')
  return runOf(token)
}

/** The folder of the run that this process drives. */
export function runOf(token: string): string {
  return join(runsDir, token)
}

/** The folders of runs that were killed before they could clean up. */
export async function abandonedRuns(): Promise<string[]> {
  const tokens = await readdir(runsDir).catch(() => [])
  const running = await Promise.all(tokens.map(isRunning))
  return tokens.filter((_, index) => running[index] === false).map(runOf)
}

/** Where the embedded server of a run keeps its data. */
export function dataDirOf(run: string): string {
  return join(run, 'postgres')
}

/** Makes the folder of a run. */
export async function createRun(run: string): Promise<void> {
  await mkdir(run, { recursive: true, mode: 0o700 })
}

export async function writeRunState(run: string, state: RunState): Promise<void> {
  await writeFile(fileOf(run), JSON.stringify(state), { mode: 0o600 })
}

export async function readRunState(run?: string): Promise<RunState> {
  return JSON.parse(await readFile(fileOf(run ?? (await ownRun())), 'utf8')) as RunState
}

export async function removeRun(run: string): Promise<void> {
  await rm(run, { recursive: true, force: true })
}

function fileOf(run: string): string {
  return join(run, 'state.json')
}
