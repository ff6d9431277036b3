import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { loadConfig, type Config } from '../../src/config/config.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** The configuration of a service on the database at `url`, quiet, on any free port. */
export function testConfig(url: string, environment: Record<string, string> = {}): Config {
  const variables = { NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', ...environment }
  return loadConfig({ ...variables, DATABASE_URL: url })
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
