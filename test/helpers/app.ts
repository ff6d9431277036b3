import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { loadConfig, type Config } from '../../src/config/config.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** Nobody is turned away because the machine is slow. */
export const PATIENT = {
  DATABASE_CONNECT_TIMEOUT_MS: '20000',
  LOCK_TIMEOUT_MS: '20000',
  TRANSACTION_MAX_WAIT_MS: '20000',
  TRANSACTION_TIMEOUT_MS: '30000',
  COMMAND_TIMEOUT_MS: '60000',
  READ_TIMEOUT_MS: '60000',
  LIST_TIMEOUT_MS: '60000',
}
/** What a test breaks, holds up or counts is of its own requests. */
export const ALONE = { SWEEP_INTERVAL_MS: '3600000' }

/**
 * The configuration of a service on the database at `url`, quiet, on any free port, patient, and
 * without a sweeper in a test's time. A test that is about a deadline or the sweeper sets its own.
 */
export function testConfig(url: string, environment: Record<string, string> = {}): Config {
  const base = {
    NODE_ENV: 'test',
    AUTH: 'off',
    LOG_LEVEL: 'silent',
    PORT: '0',
    ...PATIENT,
    ...ALONE,
  }
  return loadConfig({ ...base, ...environment, DATABASE_URL: url })
}

/** The service as the server builds it, ready, on a database of the test's own. */
export async function createTestApp(
  t: Test,
  {
    environment = {},
    database,
  }: {
    environment?: Record<string, string>
    database?: Pick<TestDatabase, 'url'> & Partial<TestDatabase>
  } = {},
) {
  const { url } = database ?? (await createTestDatabase(t))
  const app = await buildApp(testConfig(url, environment))
  // Teardowns run last first: the app leaves its database before that is dropped.
  t.teardown(() => app.close())
  await app.ready()
  return app
}
