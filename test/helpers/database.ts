import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Test } from 'tap'
import { readRunState } from './run-state.ts'
import { databaseUrl, execute, SESSIONS_OF } from './sql.ts'

/** BIGINT comes as a number: ids in tests are small. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : (pg.types.getTypeParser(oid, format) as unknown),
}

export interface TestDatabase {
  readonly url: string
  /** For arranging and looking; closed by the teardown. */
  readonly pool: pg.Pool
}

/**
 * A database of the test's own, dropped when the test ends: a clone of the migrated template, or
 * an empty one. The test fails where a connection to it is left open.
 */
export async function createTestDatabase(
  t: Test,
  { template = 'migrated' }: { template?: 'migrated' | 'empty' } = {},
): Promise<TestDatabase> {
  const state = await readRunState()
  const name = `reservation_test_${randomBytes(6).toString('hex')}`
  const source = template === 'migrated' ? state.template : 'template0'
  await execute(state.adminUrl, `CREATE DATABASE ${name} TEMPLATE ${source}`)
  const url = databaseUrl(state.adminUrl, name)
  // What a test sets for the database holds for new connections, so that these are kept.
  const pool = new pg.Pool({ connectionString: url, max: 10, types, idleTimeoutMillis: 0 })
  t.teardown(async () => {
    await pool.end()
    const leaked = await remainingSessions(state.adminUrl, name)
    await drop(state.adminUrl, name)
    if (leaked.length > 0) throw new Error(`connections were left open: ${JSON.stringify(leaked)}`)
  })
  return { url, pool }
}

/** A backend may outlive its connection by an instant, so it is waited for, a second at the most. */
async function remainingSessions(adminUrl: string, name: string): Promise<unknown[]> {
  const sessions = `SELECT pid, application_name, state, query FROM ${SESSIONS_OF}`
  const deadline = Date.now() + 1000
  for (;;) {
    const rows = await execute(adminUrl, sessions, [name])
    if (rows.length === 0 || Date.now() > deadline) return rows
  }
}

async function drop(adminUrl: string, name: string): Promise<void> {
  // DROP DATABASE … WITH (FORCE) came with PostgreSQL 13.
  await execute(adminUrl, `SELECT pg_terminate_backend(pid) FROM ${SESSIONS_OF}`, [name])
  await execute(adminUrl, `DROP DATABASE IF EXISTS ${name}`)
}
