import { readFile, stat } from 'node:fs/promises'
import { logTail, type Folder } from './folder.ts'
import { commandLine, hasCode, tokenOf, waitUntil } from './process.ts'

/** A running PostgreSQL server, as its lock file `postmaster.pid` tells of it. */
export interface Server {
  pid: number
  port: number
  /** Takes connections. Otherwise it is starting or stopping. */
  isReady: boolean
}

/** Quickly and cleanly first, then by force, which is as safe as a power failure is. */
const STOP_STEPS = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const

/**
 * The server that runs on this data directory, or null. The lock file alone is no proof: after a
 * crash or a reboot its number may be another process's.
 */
export async function findServer(folder: Folder): Promise<Server | null> {
  const [pid, , , port, , , , status] = await readLockFile(folder)
  if (!pid) return null
  const args = await commandLine(Number(pid))
  if (!args.includes(`cluster_name=${await serverName(folder)}`)) return null
  return { pid: Number(pid), port: Number(port), isReady: status?.trim() === 'ready' }
}

/**
 * A name for the server of this data directory, which it carries on its command line. It follows
 * the folder's inode: a folder that moves keeps its server, and a copy has none.
 */
export async function serverName(folder: Folder): Promise<string> {
  const { dev, ino } = await stat(folder.data)
  return `embedded-${dev}-${ino}`
}

/**
 * Stops the server that runs on this data directory, if one does, whoever started it.
 * @throws where it can't be stopped
 */
export async function stopServer(folder: Folder): Promise<void> {
  const server = await findServer(folder)
  if (server === null) return
  const token = await tokenOf(server.pid)
  const hasEnded = async () => token === null || (await tokenOf(server.pid)) !== token
  for (const [signal, patienceMs] of STOP_STEPS) {
    try {
      process.kill(server.pid, signal)
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error
    }
    if (await waitUntil(hasEnded, patienceMs)) return
  }
  throw new Error(
    `The embedded PostgreSQL (process ${server.pid}) does not stop:\n${await logTail(folder)}`,
  )
}

async function readLockFile(folder: Folder): Promise<string[]> {
  return (await readFile(folder.lockFile, 'utf8').catch(() => '')).split('\n')
}
