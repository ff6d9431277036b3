import pg from 'pg'
import type { Test } from 'tap'
import type { TestDatabase } from './database.ts'
import { until } from './until.ts'

/** A session of somebody else in the service's database, in a transaction. */
export interface Session {
  readonly pid: number
  query(sql: string, values?: unknown[]): Promise<unknown[]>
  /** Ends the transaction, and with it its locks. */
  rollback(): Promise<void>
}

/** Opens a session that begins a transaction with `sql`; the teardown ends it. */
export async function openSession(
  t: Test,
  { url }: TestDatabase,
  sql = 'SELECT 1',
  values: unknown[] = [],
): Promise<Session> {
  const client = new pg.Client({ connectionString: url, application_name: 'somebody else' })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await client.query('BEGIN')
  await client.query(sql, values)
  return {
    pid: rows[0]?.pid ?? 0,
    query: async (text, parameters = []) => (await client.query<object>(text, parameters)).rows,
    rollback: async () => {
      await client.query('ROLLBACK')
    },
  }
}

/** Locks an event's row as `psql` would that is left open in the middle of a transaction. */
export function lockEvent(t: Test, database: TestDatabase, eventId: number): Promise<Session> {
  return openSession(t, database, 'SELECT FROM events WHERE id = $1 FOR UPDATE', [eventId])
}

/** Waits until `sql` has a row. */
export async function untilRow(pool: pg.Pool, sql: string, values: unknown[] = []): Promise<void> {
  await until(async () => (await pool.query(sql, values)).rowCount !== 0, `a row of ${sql}`)
}

/** How many sessions of clients wait for a lock that `session` holds. */
export async function countBlocked(pool: pg.Pool, { pid }: Pick<Session, 'pid'>): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend'
     AND datname = current_database() AND $1 = ANY(pg_blocking_pids(pid))`,
    [pid],
  )
  return rowCount ?? 0
}

/** Waits until `sessions` of them wait, or any number where that is left out. */
export async function untilBlocked(
  pool: pg.Pool,
  session: Pick<Session, 'pid'>,
  sessions?: number,
): Promise<void> {
  await until(
    async () => {
      const blocked = await countBlocked(pool, session)
      return sessions === undefined ? blocked > 0 : blocked === sessions
    },
    `a wait of ${sessions ?? 'some'} sessions`,
  )
}

/** Kills the service's sessions on the server's side; gives how many there were. */
export async function killService(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'reservation-system-api'`,
  )
  return rowCount ?? 0
}
