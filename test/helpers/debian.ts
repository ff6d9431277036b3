import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectDir } from './run-state.ts'

const run = promisify(execFile)

/** To download: a network that is silent must not hold up the tests. */
const DOWNLOAD_MS = 10_000
/** For what this machine does by itself, each time. */
const TIMEOUT_MS = 60_000
/** A silent server is given up sooner, and is not tried again. */
const PATIENCE = [
  ...['-o', 'Acquire::Retries=0'],
  ...['-o', 'Acquire::http::Timeout=4', '-o', 'Acquire::https::Timeout=4'],
]

const cacheDir = join(projectDir, 'node_modules', '.cache', 'debian')

/** A program that the tests use and npm has not. */
export interface Tool {
  /** As it is called. It has to know `--version`. */
  readonly name: string
  readonly debianPackage: string
  /** Its path in the package. */
  readonly file: string
  /** Whether it takes libraries of other packages. */
  readonly needsOthers?: boolean
}

/** How a program is run. */
export interface Program {
  readonly path: string
  readonly env: NodeJS.ProcessEnv
}

/**
 * Finds a program: on the PATH, else in a package of Debian's, which is downloaded and unpacked for the
 * tests alone, once, and kept in `node_modules/.cache`. The machine stays as it is: nothing is installed,
 * and apt's lists are those that are there.
 *
 * @returns the program, or why there is none
 */
export async function findTool(tool: Tool): Promise<Program | { readonly missing: string }> {
  const { name, debianPackage, file } = tool
  const onPath = { path: name, env: process.env }
  if (await isRunnable(onPath)) return onPath
  const folder = join(cacheDir, debianPackage)
  try {
    if (!(await isThere(join(folder, file)))) await unpack(tool, folder)
  } catch (error) {
    return { missing: `there is no ${name}, and apt-get has none: ${reasonOf(error)}` }
  }
  const unpacked = { path: join(folder, file), env: await environmentOf(folder) }
  if (await isRunnable(unpacked)) return unpacked
  return { missing: `there is no ${name}, and that of Debian's ${debianPackage} does not run here` }
}

/** Renamed into place as a whole: another test may do the same at the same time. */
async function unpack(tool: Tool, folder: string): Promise<void> {
  await mkdir(cacheDir, { recursive: true })
  const work = await mkdtemp(join(cacheDir, 'unpacking-'))
  const options = { cwd: work, timeout: TIMEOUT_MS }
  try {
    const names = await packagesOf(tool, options)
    const signal = AbortSignal.timeout(DOWNLOAD_MS)
    await run('apt-get', [...PATIENCE, 'download', ...names], { ...options, signal })
    for (const archive of (await readdir(work)).filter((each) => each.endsWith('.deb'))) {
      await run('dpkg-deb', ['--extract', archive, 'unpacked'], options)
    }
    await rename(join(work, 'unpacked'), folder).catch(async (error: unknown) => {
      if (!(await isThere(join(folder, tool.file)))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The package, and those that it needs and the machine lacks. */
async function packagesOf(
  { debianPackage, needsOthers = false }: Tool,
  options: { readonly cwd: string; readonly timeout: number },
): Promise<string[]> {
  if (!needsOthers) return [debianPackage]
  const plan = ['install', '--simulate', '--no-install-recommends', debianPackage]
  const { stdout } = await run('apt-get', plan, options)
  return [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name)
}

async function environmentOf(folder: string): Promise<NodeJS.ProcessEnv> {
  const libraries = join(folder, 'usr', 'lib')
  const folders = await readdir(libraries).catch(() => [])
  if (folders.length === 0) return process.env
  return { ...process.env, LD_LIBRARY_PATH: folders.map((each) => join(libraries, each)).join(':') }
}

async function isRunnable({ path, env }: Program): Promise<boolean> {
  return run(path, ['--version'], { env, timeout: TIMEOUT_MS }).then(
    () => true,
    () => false,
  )
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** What apt-get has complained of, and not the command line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError') return `no answer within ${DOWNLOAD_MS / 1000} seconds`
  return /^E: .*$/m.exec(error.message)?.[0] ?? error.message.split('\n', 1).join('')
}
