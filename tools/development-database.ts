import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startEmbeddedDatabase, type EmbeddedDatabase } from './embedded/index.ts'
import { migrate } from './prisma-cli.ts'

/** Where its data is kept. */
export const DATA_DIR = fileURLToPath(new URL('../.data/postgres', import.meta.url))
const DEMO_SEATS = 100

/**
 * A database for whoever tries the service out: embedded PostgreSQL with its data in `.data/`,
 * migrated, and with one event to book.
 * @param log takes lines for people
 * @param signal calls the start off between its steps; what has been started is stopped
 */
export async function startDevelopmentDatabase(
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({
    dataDir: DATA_DIR,
    log: (line) => {
      log(`DATABASE_URL is not set: ${line}`)
    },
  })
  try {
    signal.throwIfAborted()
    await migrate(database.url, { signal })
    await createDemoEvent(database.url)
    return database
  } catch (error) {
    await database.stop()
    throw error
  }
}

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
