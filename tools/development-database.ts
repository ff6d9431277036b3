import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { startEmbeddedDatabase } from './embedded/index.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const DATA_DIR = fileURLToPath(new URL('../.data/postgres', import.meta.url))
const MIGRATE_TIMEOUT_MS = 120_000
const DEMO_SEATS = 100

const run = promisify(execFile)

/**
 * A database for whoever tries the service out: embedded PostgreSQL with its data in `.data/`,
 * migrated, and with one event to book. Needs the development dependencies.
 * @param log takes lines for people
 * @param signal calls the start off between its steps; what has been started is stopped
 */
export async function startDevelopmentDatabase(
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<{ url: string; stop: () => Promise<void> }> {
  log('DATABASE_URL is not set: starting the embedded PostgreSQL')
  const database = await startEmbeddedDatabase({ dataDir: DATA_DIR, log })
  try {
    signal.throwIfAborted()
    await migrate(database.url, signal)
    await createDemoEvent(database.url)
  } catch (error) {
    await database.stop()
    throw error
  }
  return { url: database.url, stop: () => database.stop() }
}

// As the deploy pipeline does it, with the project's own CLI.
async function migrate(url: string, signal: AbortSignal): Promise<void> {
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')
  const env = {
    ...process.env,
    DATABASE_URL: url,
    // The CLI would ask its maker's host for news.
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  }
  try {
    await run(process.execPath, [cli, 'migrate', 'deploy'], {
      cwd: ROOT,
      env,
      timeout: MIGRATE_TIMEOUT_MS,
      signal,
    })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(`The migrations of the embedded database failed: ${said || String(error)}`, {
      cause: error,
    })
  }
}

// One statement, so that two instances that start together make one event.
async function createDemoEvent(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query(
      `INSERT INTO events (id, name, total_seats)
       SELECT 1, 'Demo event', $1 WHERE NOT EXISTS (SELECT FROM events)
       ON CONFLICT DO NOTHING`,
      [DEMO_SEATS],
    )
    // The id was given by hand, so the sequence is behind it, unless events have been made before.
    if (rowCount === 1) {
      await client.query(`SELECT setval('events_id_seq', (SELECT last_value FROM events_id_seq))`)
    }
  } finally {
    await client.end()
  }
}
