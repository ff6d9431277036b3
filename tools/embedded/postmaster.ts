import { execFile } from 'node:child_process'
import { readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deadlineIn, waitUntil } from './deadline.ts'
import { EmbeddedDatabaseError, errorCode } from './errors.ts'
import { logTail, readIfPresent, type Folder } from './folder.ts'

const execute = promisify(execFile)

/** How long a lock file may be empty: its maker fills it at once. */
const emptyLockFileMs = 2_000

/** PostgreSQL's main process, as its lock file `postmaster.pid` tells of it. */
export interface Postmaster {
  pid: number
  port: number
  /** Takes connections. Otherwise it is starting or stopping. */
  ready: boolean
}

/**
 * A name for the server of this data directory, which it carries on its command line. It follows
 * the folder's inode: a folder that moves keeps its server, and a copy has none.
 */
export async function serverName(folder: Folder): Promise<string> {
  const { dev, ino } = await stat(folder.data)
  return `embedded-${dev}-${ino}`
}

/** The process that the lock file names, alive or not, this server or not; null without one. */
export async function readLockFile(folder: Folder): Promise<Postmaster | null> {
  const text = await readIfPresent(join(folder.data, 'postmaster.pid'))
  const [pid, , , port, , , , status] = text?.split('\n') ?? []
  const number = Number.parseInt(pid ?? '', 10)
  if (!(number > 0)) return null
  return { pid: number, port: Number(port ?? 0), ready: status?.trim() === 'ready' }
}

/**
 * The server that runs on this data directory, or null. The lock file alone is no proof: after a
 * crash or a reboot its number may be another process's.
 */
export async function findPostmaster(folder: Folder): Promise<Postmaster | null> {
  const postmaster = await readLockFile(folder)
  if (postmaster === null) return null
  const name = await serverName(folder)
  const args = await commandLine(postmaster.pid)
  return args.includes(`cluster_name=${name}`) ? postmaster : null
}

/**
 * Removes a lock file that has long been without content, which PostgreSQL takes for a server just
 * about to start. A power failure can leave one. PostgreSQL's lock on shared memory still guards
 * the data.
 */
export async function removeEmptyLockFile(folder: Folder): Promise<void> {
  const path = join(folder.data, 'postmaster.pid')
  const file = await stat(path).catch(() => null)
  if (file?.size === 0 && Date.now() - file.mtimeMs > emptyLockFileMs) await unlink(path)
}

/** Whether a process with this number runs. One that waits to be reaped does not. */
export async function processIsAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false
  }
  return process.platform !== 'linux' || (await commandLine(pid)).length > 0
}

/**
 * Stops the server: quickly and cleanly first, then, if it has not gone after `timeoutMs`
 * milliseconds, at once, which is as safe as a power failure is.
 * @throws EmbeddedDatabaseError where it still runs after that
 */
export async function stopPostmaster(
  folder: Folder,
  pid: number,
  timeoutMs: number,
): Promise<void> {
  const gone = async () => (await findPostmaster(folder))?.pid !== pid
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error
    }
    const patienceMs = signal === 'SIGINT' ? timeoutMs * 0.8 : timeoutMs * 0.1
    if (await waitUntil(gone, deadlineIn(patienceMs))) return waitUntilDead(pid)
  }
  throw new EmbeddedDatabaseError(
    `The embedded PostgreSQL (process ${pid}) does not stop.${await logTail(folder.log)}`,
  )
}

/** Its lock file goes a moment before the process does. */
async function waitUntilDead(pid: number): Promise<void> {
  await waitUntil(async () => !(await processIsAlive(pid)), deadlineIn(1_000), 5)
}

/** The process's command line; empty where there is no such process, or it waits to be reaped. */
async function commandLine(pid: number): Promise<string[]> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return text === '' ? [] : text.split('\0')
  }
  const ps = execute('ps', ['-ww', '-o', 'args=', '-p', String(pid)])
  return (await ps.catch(() => ({ stdout: '' }))).stdout.split(/\s+/)
}
