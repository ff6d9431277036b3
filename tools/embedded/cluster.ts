import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import type { Folder } from './folder.ts'
import { run } from './process.ts'

/** The database's superuser, whom the connection URL names. */
export const SUPERUSER = 'postgres'

const DRAFT = 'draft-'

/**
 * Makes the database files and their password where they are missing. They grow in a folder of
 * their own and appear by one rename, so that a kill leaves no half of them.
 * @throws where initdb fails
 */
export async function ensureCluster(
  folder: Folder,
  binaries: Binaries,
  account: Account | null,
): Promise<void> {
  if ((await stat(folder.cluster).catch(() => null)) !== null) return
  await removeDrafts(folder)
  const draft = await mkdtemp(join(folder.root, DRAFT))
  const data = join(draft, 'data')
  const password = join(draft, 'password')
  await mkdir(data, { mode: 0o700 })
  await writeFile(password, randomBytes(24).toString('hex'), { mode: 0o600, flush: true })
  if (account !== null) {
    for (const path of [draft, data, password]) await chown(path, account.uid, account.gid)
  }
  const args = ['-D', dataArgument(account, data), '-U', SUPERUSER, '--pwfile=../password']
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions')
  // Sorted by code point and the same on every machine, while lower() knows all letters.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  await run(binaries.initdb, args, account, data)
  await rename(draft, folder.cluster)
}

/** What killed processes have left. An orphaned initdb may still write into the last one. */
async function removeDrafts({ root }: Folder): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(DRAFT)) continue
    await rm(join(root, name), { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * What to give PostgreSQL's programs as their data directory. They inherit it as their working
 * directory, which we enter before we become their user: so they also work where that user could
 * not get to by path.
 */
export function dataArgument(account: Account | null, data: string): string {
  return account !== null && process.platform === 'linux' ? '/proc/self/cwd' : data
}
