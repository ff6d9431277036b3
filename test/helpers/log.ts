import { PassThrough } from 'node:stream'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { testConfig } from './app.ts'
import { NO_SWEEPER } from './api.ts'
import { createTestDatabase } from './database.ts'

/** A service on a database of the test's own, and the lines that it has logged at `info` so far. */
export async function recordLog(t: Test, environment: Record<string, string> = {}) {
  const database = await createTestDatabase(t)
  const stream = new PassThrough({ encoding: 'utf8' })
  let written = ''
  stream.on('data', (chunk: string) => (written += chunk))
  const config = testConfig(database.url, { ...NO_SWEEPER, ...environment })
  const app = await buildApp(config, { logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  await app.ready()
  return {
    app,
    database,
    text: () => written,
    lines: () =>
      written
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}
