import { escapeIdentifier } from 'pg'
import { superuser } from './cluster.ts'
import { deadlineIn, waitUntil, type Deadline } from './deadline.ts'
import { EmbeddedDatabaseError, errorText } from './errors.ts'
import { logTail, openFolder, type Folder } from './folder.ts'
import type { Keeper } from './keeper.ts'
import { findPostmaster, stopPostmaster } from './postmaster.ts'
import { sweepStages } from './stage.ts'
import { attachOrLaunch } from './start.ts'

export { EmbeddedDatabaseError } from './errors.ts'

export interface EmbeddedDatabase {
  /** Carries the password: not for logs. */
  url: string
  /** Another process had it running already. */
  shared: boolean
  /**
   * Lets go of the server, and stops it if no other process uses it. Close your own connections
   * before. May be called again.
   * @throws EmbeddedDatabaseError where the server does not stop in time
   */
  stop(): Promise<void>
}

export interface EmbeddedDatabaseOptions {
  /** Where the data is kept between runs, for instance `<project>/.data/postgres`. */
  dataDir: string
  /** Created where it is missing. */
  database?: string
  /** Gets a line for a human, without credentials. */
  log?: (line: string) => void
  /** PostgreSQL's own, for instance `{ max_connections: '200' }`; for a server that we start. */
  parameters?: Record<string, string>
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 30_000
/** Creating a database copies a template that only one connection may use at a time. */
const creationLockKeys = [0x72657376, 2]

/**
 * Runs a real PostgreSQL out of node_modules, on loopback, for development and tests. Processes
 * that name the same data folder share one server. Keeps the process alive until `stop`.
 * @throws EmbeddedDatabaseError with a text for the user: not installed, other version, …
 */
export async function startEmbeddedDatabase(
  options: EmbeddedDatabaseOptions,
): Promise<EmbeddedDatabase> {
  const { dataDir, database = 'reservations', parameters = {}, log = () => undefined } = options
  const deadline = deadlineIn(startTimeoutMs)
  const folder = await openFolder(dataDir)
  const { keeper, port, password, shared } = await attachOrLaunch(folder, parameters, log, deadline)
  let stopping: Promise<void> | null = null
  const stop = () => (stopping ??= leave(folder, keeper, deadlineIn(stopTimeoutMs)))
  try {
    await ensureDatabase(keeper, database)
  } catch (error) {
    await stop()
    throw new EmbeddedDatabaseError(
      `The database ${database} cannot be created: ${errorText(error)}`,
      { cause: error },
    )
  }
  log(`The embedded PostgreSQL ${shared ? 'runs already' : 'runs'} on 127.0.0.1:${port}`)
  const name = encodeURIComponent(database)
  return { url: `postgresql://${superuser}:${password}@127.0.0.1:${port}/${name}`, shared, stop }
}

async function ensureDatabase(keeper: Keeper, name: string): Promise<void> {
  await keeper.query('SELECT pg_advisory_lock($1, $2)', creationLockKeys)
  const rows = await keeper.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  if (rows.length === 0) await keeper.query(`CREATE DATABASE ${escapeIdentifier(name)}`)
  await keeper.query('SELECT pg_advisory_unlock($1, $2)', creationLockKeys)
}

async function leave(folder: Folder, keeper: Keeper, deadline: Deadline): Promise<void> {
  let problem: unknown = null
  const left = async () => {
    const postmaster = await findPostmaster(folder)
    if (postmaster === null) return true // it was killed, or another process has just stopped it
    try {
      if (!postmaster.ready) return false
      if (!(await keeper.leave(postmaster.port, deadline))) return true
    } catch (error) {
      problem = error // it goes down, or restarts after a crash: the next look tells
      return false
    }
    await stopPostmaster(folder, postmaster.pid, deadline.remainingMs())
    return true
  }
  try {
    if (await waitUntil(left, deadline)) return
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL cannot be stopped: ${errorText(problem ?? 'it is not ready')}.` +
        (await logTail(folder.log)),
      { cause: problem },
    )
  } finally {
    await keeper.close()
    await sweepStages(folder)
  }
}
