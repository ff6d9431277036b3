import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { dataArgument } from './cluster.ts'
import { deadlineIn, waitUntil, type Deadline } from './deadline.ts'
import { EmbeddedDatabaseError } from './errors.ts'
import { logTail, type Folder } from './folder.ts'
import { findPostmaster, processIsAlive, readLockFile, serverName } from './postmaster.ts'
import { toolEnvironment } from './run.ts'

/** How a launch ended: the server's process id, or the text of its log where it gave up. */
export type Launch = { pid: number } | { pid: null; log: string }

const quitTimeoutMs = 5_000
const logName = /^server\.log\.(\d+)-[0-9a-f]{12}$/

/**
 * Starts PostgreSQL on the data directory and waits until it takes connections. It leads a session
 * of its own, so that the Ctrl-C for us passes it by, and it outlives us.
 * @throws EmbeddedDatabaseError where it is not ready before the deadline; it is ended then
 */
export async function launchPostmaster(
  folder: Folder,
  binaries: Binaries,
  account: Account | null,
  parameters: Record<string, string>,
  deadline: Deadline,
): Promise<Launch> {
  // Each attempt has a log of its own: one that loses against another process must not spoil the
  // log of the server that runs.
  const id = `${process.pid}-${randomBytes(6).toString('hex')}`
  const log = join(folder.root, `server.log.${id}`)
  const args = await commandLine(folder, account, parameters)
  const output = await open(log, 'ax', 0o600)
  let child: ChildProcess
  try {
    child = spawn(binaries.postgres, args, {
      cwd: folder.data,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...toolEnvironment(), ...(await strangerAsGrandparent(folder)) },
      ...account,
    })
    await once(child, 'spawn')
  } finally {
    await output.close()
  }
  return waitForLaunch(folder, child, log, deadline)
}

async function waitForLaunch(
  folder: Folder,
  child: ChildProcess,
  log: string,
  deadline: Deadline,
): Promise<Launch> {
  const { pid } = child
  const ended = () => child.exitCode !== null || child.signalCode !== null
  const ready = async () => {
    const postmaster = await findPostmaster(folder)
    return postmaster !== null && postmaster.pid === pid && postmaster.ready
  }
  const settled = await waitUntil(async () => ended() || (await ready()), deadline)
  if (settled && pid !== undefined && !ended()) {
    child.unref() // it is meant to outlive us, if another process shares it
    await publishLog(folder, log)
    return { pid }
  }
  const text = await logTail(log)
  await rm(log, { force: true })
  if (settled) return { pid: null, log: text }
  child.kill('SIGQUIT')
  if (!(await waitUntil(() => Promise.resolve(ended()), deadlineIn(quitTimeoutMs)))) {
    child.kill('SIGKILL')
  }
  throw new EmbeddedDatabaseError(`The embedded PostgreSQL is not ready in time.${text}`)
}

/** The options on the command line win over the configuration files: it listens on loopback. */
async function commandLine(
  folder: Folder,
  account: Account | null,
  parameters: Record<string, string>,
): Promise<string[]> {
  const settings = {
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    ...parameters,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(await freePort()),
    cluster_name: await serverName(folder),
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', dataArgument(account, folder.data), ...options]
}

/**
 * The number in a stale lock file may by now be another process's, and PostgreSQL would take that
 * for a running server. It ignores the number of the process named here, which is how pg_ctl tells
 * it of its own parent; its lock on shared memory still guards the data.
 */
async function strangerAsGrandparent(folder: Folder): Promise<NodeJS.ProcessEnv> {
  const named = await readLockFile(folder)
  if (named === null || (await findPostmaster(folder)) !== null) return {}
  return { PG_GRANDPARENT_PID: String(named.pid) }
}

/** A port of 127.0.0.1 that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new EmbeddedDatabaseError('no port')
  return address.port
}

/** Gives the log its name, keeps one log of the runs before, and removes those of the killed. */
async function publishLog(folder: Folder, log: string): Promise<void> {
  await rename(folder.log, folder.previousLog).catch(() => undefined) // the first run has none
  await rename(log, folder.log)
  for (const name of await readdir(folder.root)) {
    const pid = logName.exec(name)?.[1]
    if (pid === undefined || (await processIsAlive(Number(pid)))) continue
    await rm(join(folder.root, name), { force: true })
  }
}
