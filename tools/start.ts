import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { loadEnvironmentFile } from '../src/config/config.ts'
import { report, reportFatal } from '../src/report.ts'
import { startDevelopmentDatabase } from './development-database.ts'

// What `npm start` runs: the built server, on the embedded PostgreSQL where DATABASE_URL names no
// database. Its own process does not serve: the database has to outlive the server's last query.

const SERVER = fileURLToPath(new URL('../dist/server.js', import.meta.url))
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const stopping = new AbortController()
let pass: (signal: NodeJS.Signals) => void = () => undefined
for (const signal of SIGNALS) {
  process.on(signal, () => {
    stopping.abort()
    pass(signal)
  })
}

try {
  process.exitCode = await start()
} catch (error) {
  if (!stopping.signal.aborted) {
    reportFatal(error)
    process.exitCode = 1
  }
}

async function start(): Promise<number> {
  loadEnvironmentFile()
  if (process.env.DATABASE_URL || process.env.NODE_ENV === 'production') return serve(process.env)
  const database = await startDevelopmentDatabase(report, stopping.signal)
  try {
    stopping.signal.throwIfAborted()
    return await serve({ ...process.env, DATABASE_URL: database.url })
  } finally {
    await database.stop()
  }
}

/** Runs the server until it ends; gives its exit status. */
async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  // A burst's requests die young: with a larger young generation the collector copies less.
  const server = spawn(process.execPath, ['--max-semi-space-size=64', SERVER], {
    stdio: 'inherit',
    env,
  })
  pass = (signal) => server.kill(signal)
  await once(server, 'exit')
  return server.exitCode ?? 1
}
