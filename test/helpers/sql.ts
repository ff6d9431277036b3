import pg from 'pg'

/** The URL of another database on the same server. */
export function databaseUrl(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

/**
 * The sessions of clients in the database named by `$1`. A worker of autovacuum may come to any
 * database at any moment, and goes by itself.
 */
export const SESSIONS_OF = `pg_stat_activity WHERE backend_type = 'client backend' AND datname = $1`

/** Runs one statement on a connection of its own. */
export async function execute(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result = await client.query<Record<string, unknown>>(sql, values)
    return result.rows
  } finally {
    await client.end()
  }
}
