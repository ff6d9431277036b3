import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { testConfig } from './app.ts'
import { createTestDatabase } from './database.ts'
import { startProxy } from './proxy.ts'

/** A service, behind a proxy to a database of the test's own, and what it has logged so far. */
export async function recordLog(
  t: Test,
  environment: Record<string, string> = {},
  level: 'info' | 'debug' = 'info',
) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const written: string[] = []
  const stream = { write: (line: string) => written.push(line) }
  const config = testConfig(proxy.url, environment)
  const app = await buildApp(config, { logger: { level, stream } })
  t.teardown(() => app.close())
  await app.ready()
  return {
    app,
    database,
    proxy,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}
