import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { dataArgument } from './cluster.ts'
import { logTail, type Folder } from './folder.ts'
import { toolEnvironment, waitUntil } from './process.ts'
import { findServer, serverName, stopServer } from './server.ts'

/** PostgreSQL's settings, by name. */
export type Parameters = Record<string, string>

const READY_TIMEOUT_MS = 60_000

// What passes: children of a server that was killed are still ending, the port was taken meanwhile.
const ATTEMPTS = 5
const RETRY_AFTER_MS = 200

/**
 * Starts PostgreSQL and waits until it takes connections; gives its port. It leads a session of
 * its own, so that a Ctrl-C for us passes it by; and it outlives us where we are killed.
 * @throws where it does not start
 */
export async function launchServer(
  folder: Folder,
  binaries: Binaries,
  account: Account | null,
  parameters: Parameters,
): Promise<number> {
  await rename(folder.log, folder.previousLog).catch(() => undefined) // the first start has none
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (attempt > 1) await sleep(RETRY_AFTER_MS)
    await stopServer(folder) // one whose owner was killed while it started
    // What a crash has left. After a reboot its number may be another process's, and PostgreSQL
    // would not start. Its lock on shared memory guards the data without this file as well.
    await rm(folder.lockFile, { force: true })
    const port = await freePort()
    const args = [...(await settings(folder, parameters)), '-c', `port=${port}`]
    if (await comesUp(folder, await spawnServer(folder, binaries, account, args))) return port
  }
  throw new Error(`PostgreSQL does not start:\n${await logTail(folder)}`)
}

async function spawnServer(
  folder: Folder,
  { postgres }: Binaries,
  account: Account | null,
  args: string[],
): Promise<ChildProcess> {
  const log = await open(folder.log, 'w', 0o600)
  try {
    const child = spawn(postgres, ['-D', dataArgument(account, folder.data), ...args], {
      ...{ cwd: folder.data, env: toolEnvironment(), ...account },
      ...{ detached: true, stdio: ['ignore', log.fd, log.fd] },
    })
    await once(child, 'spawn')
    return child
  } finally {
    await log.close()
  }
}

async function comesUp(folder: Folder, child: ChildProcess): Promise<boolean> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const isReady = async () => (await findServer(folder))?.isReady === true
  child.unref()
  if (await waitUntil(async () => hasEnded() || (await isReady()), READY_TIMEOUT_MS)) {
    return !hasEnded()
  }
  throw new Error(`PostgreSQL is not ready in time:\n${await logTail(folder)}`)
}

/** The options on the command line win over the configuration files. */
async function settings(folder: Folder, parameters: Parameters): Promise<string[]> {
  const all = {
    ...{ timezone: 'UTC', log_timezone: 'UTC', log_checkpoints: 'off' },
    ...parameters,
    ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '' },
    cluster_name: await serverName(folder),
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** A port of 127.0.0.1 that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('There is no port')
  return address.port
}
