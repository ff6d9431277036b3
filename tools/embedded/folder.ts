import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { becomeOwner, type Owner } from './owner.ts'

const LOG_TAIL_LINES = 15

/** Where things lie in a data folder, whether they are there or not. All paths are absolute. */
export function folderAt(dataDir: string) {
  const root = resolve(dataDir)
  const cluster = join(root, 'cluster')
  const data = join(cluster, 'data')
  return {
    root,
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
 * killed.
 * @throws where a living process has it, or this user may not use it
 */
export async function takeFolder({ root }: Folder): Promise<Owner> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  // Nobody else may enter. Where the server runs as another user, it inherits its working directory
  // on Linux, and walks the path elsewhere; the folder with the data is closed in any case.
  await chmod(root, process.getuid?.() === 0 && process.platform !== 'linux' ? 0o711 : 0o700)
  return becomeOwner(root)
}

/** The last lines of the server's log; empty where there is none. */
export async function logTail(folder: Folder): Promise<string> {
  const text = await readFile(folder.log, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
}
