import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { EmbeddedDatabaseError, errorCode, errorText } from './errors.ts'

/** Where things lie in the data folder. All paths are absolute. */
export interface Folder {
  root: string
  /** Comes into being complete, by one rename: the database files together with their password. */
  cluster: string
  /** PostgreSQL's data directory. */
  data: string
  /** The superuser's password; mode 0600. */
  password: string
  log: string
  previousLog: string
}

/**
 * Makes the data folder where it is missing. Nobody but its owner can enter it: on Linux the server
 * gets there by inheriting its working directory, even if it runs as another user.
 * @throws EmbeddedDatabaseError where the folder cannot be made or entered
 */
export async function openFolder(dataDir: string): Promise<Folder> {
  const root = resolve(dataDir)
  try {
    await mkdir(root, { recursive: true, mode: 0o700 })
    const { uid } = await stat(root)
    // Elsewhere root's server walks the path itself; `cluster` is closed to all others anyway.
    const mode = process.getuid?.() === 0 && process.platform !== 'linux' ? 0o711 : 0o700
    if (uid === process.getuid?.()) await chmod(root, mode)
    await stat(join(root, '.'))
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The data folder ${root} cannot be used: ${errorText(error)}. ` +
        'Set DATABASE_URL, or start as the user who owns it.',
      { cause: error },
    )
  }
  const cluster = join(root, 'cluster')
  return {
    root,
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'password'),
    log: join(root, 'server.log'),
    previousLog: join(root, 'server.log.1'),
  }
}

/** The file's text, or null where there is none. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Whether something exists at the path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Writes the names in the folder, and the folder's own name, to the disk. */
export async function syncFolder(path: string): Promise<void> {
  for (const each of [path, dirname(path)]) {
    const handle = await open(each, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

/** The last lines of a log, for an error message; empty where there is no log to read. */
export async function logTail(path: string, lines = 15): Promise<string> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trimEnd()
  if (text === '') return ''
  return `\nThe last lines of the server's log:\n${text.split('\n').slice(-lines).join('\n')}`
}
