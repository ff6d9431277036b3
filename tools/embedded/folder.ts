import { chmod, mkdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { hasCode, isRunning, tokenOf } from './process.ts'

const LOG_TAIL_LINES = 15

/** Where things lie in a data folder, whether they are there or not. All paths are absolute. */
export function folderAt(dataDir: string) {
  const root = resolve(dataDir)
  const cluster = join(root, 'cluster')
  const data = join(cluster, 'data')
  return {
    root,
    /** A link whose target is no file but the token of the process that has the folder. */
    owner: join(root, 'owner'),
    /** The database files together with their password; appears complete. */
    cluster,
    data,
    lockFile: join(data, 'postmaster.pid'),
    password: join(cluster, 'password'),
    /** A link to the copy of the binaries, where the server needs one. */
    copy: join(root, 'binaries'),
    log: join(root, 'server.log'),
    /** The log of the start before, which may tell of a crash. */
    previousLog: join(root, 'server.log.1'),
  }
}

export type Folder = ReturnType<typeof folderAt>

/**
 * Makes the data folder where it is missing, and takes it for this process, also from one that was
 * killed. Should two take it in the same instant, PostgreSQL's own lock still guards the data.
 * @throws where a living process has it, or this user may not use it
 */
export async function takeFolder({ root, owner }: Folder): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  // Nobody else may enter. Where the server runs as another user, it inherits its working directory
  // on Linux, and walks the path elsewhere; the folder with the data is closed in any case.
  await chmod(root, process.getuid?.() === 0 && process.platform !== 'linux' ? 0o711 : 0o700)
  const token = await tokenOf(process.pid)
  if (token === null) throw new Error('This process does not find itself: is /proc mounted?')
  for (;;) {
    const holder = await readlink(owner).catch(() => '')
    if (await isRunning(holder)) {
      const pid = Number.parseInt(holder, 10)
      throw new Error(`Process ${pid} holds the database in ${root}: stop it, or set DATABASE_URL`)
    }
    await rm(owner, { force: true })
    try {
      await symlink(token, owner)
      return
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error // another process was faster
    }
  }
}

/** The last lines of the server's log; empty where there is none. */
export async function logTail(folder: Folder): Promise<string> {
  const text = await readFile(folder.log, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
}
