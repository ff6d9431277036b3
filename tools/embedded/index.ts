import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { serverAccount } from './account.ts'
import { prepareBinaries, removeCopy } from './binaries.ts'
import { ensureCluster, SUPERUSER } from './cluster.ts'
import { folderAt, takeFolder, type Folder } from './folder.ts'
import { launchServer, type Parameters } from './launch.ts'
import { freeFolder, ownerOf, type Owner } from './owner.ts'
import { findServer, stopServer } from './server.ts'

export interface EmbeddedDatabase {
  /** Carries the password: not for logs. */
  url: string
  /** Stops the server. Close your own connections before. May be called again. */
  stop(): Promise<void>
}

export interface EmbeddedDatabaseOptions {
  /** Where the data is kept between runs, for instance `<project>/.data/postgres`. */
  dataDir: string
  /** Gets a line for a person, without credentials. */
  log?: (line: string) => void
  /** PostgreSQL's own, for instance `{ max_connections: '200' }`. */
  parameters?: Parameters
}

const DATABASE = 'reservations'

/**
 * Runs a real PostgreSQL out of node_modules, on loopback, for development and tests. The data
 * folder belongs to this process until `stop`. Should the process be killed, the server runs on,
 * and whoever starts next stops it first. It does not keep this process alive.
 * @throws with a text for the user: held by another process, not installed, …
 */
export async function startEmbeddedDatabase(
  options: EmbeddedDatabaseOptions,
): Promise<EmbeddedDatabase> {
  const { dataDir, parameters = {}, log = () => undefined } = options
  const folder = folderAt(dataDir)
  const owner = await takeFolder(folder)
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= stopAsOwner(folder, owner))
  try {
    await clear(folder)
    const port = await start(folder, parameters)
    const url = await ensureDatabase(folder, port)
    log(`PostgreSQL runs on 127.0.0.1:${port}, with its data in ${folder.root}`)
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * The URL of the server that runs on a data folder, whoever started it; null where none takes
 * connections. Carries the password: not for logs.
 */
export async function runningDatabaseUrl(dataDir: string): Promise<string | null> {
  const folder = folderAt(dataDir)
  const server = await findServer(folder)
  return server?.isReady === true ? urlOf(folder, server.port, DATABASE) : null
}

/** Stops the server on a data folder, whoever started it. Does nothing where there is none. */
export async function stopEmbeddedDatabase(dataDir: string): Promise<void> {
  const folder = folderAt(dataDir)
  await clearAndFree(folder, await ownerOf(folder.root))
}

/** Stops the server, but not that of another process that has the folder meanwhile. */
async function stopAsOwner(folder: Folder, own: Owner): Promise<void> {
  if ((await ownerOf(folder.root)).number === own.number) await clearAndFree(folder, own)
}

async function clearAndFree(folder: Folder, owner: Owner): Promise<void> {
  await clear(folder)
  await freeFolder(folder.root, owner)
}

async function start(folder: Folder, parameters: Parameters): Promise<number> {
  const account = await serverAccount(folder)
  const binaries = await prepareBinaries(folder, account)
  await ensureCluster(folder, binaries, account)
  return launchServer(folder, binaries, account, parameters)
}

async function clear(folder: Folder): Promise<void> {
  await stopServer(folder)
  await removeCopy(folder)
}

/** Makes the database where it is missing; gives its URL. */
async function ensureDatabase(folder: Folder, port: number): Promise<string> {
  const client = new pg.Client({ connectionString: await urlOf(folder, port, 'postgres') })
  await client.connect()
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
  return urlOf(folder, port, DATABASE)
}

async function urlOf(folder: Folder, port: number, database: string): Promise<string> {
  const password = (await readFile(folder.password, 'utf8')).trim()
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`
}
