import { loadEnvironmentFile } from '../../src/config/config.ts'
import { isLoopback } from '../../src/config/loopback.ts'
import { report, reportFatal } from '../../src/report.ts'
import { startDevelopmentDatabase } from '../development-database.ts'
import type { ServerProcess } from './server-process.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

// npm passes on a Ctrl-C that the terminal has already sent to the whole group. What comes later
// is someone who has lost patience, and the server ends at once.
const SAME_SIGNAL_MS = 1000

/** Starts the server with this environment; `onListening` gets its origin. */
export type Serve = (
  env: NodeJS.ProcessEnv,
  onListening?: (origin: string) => void,
) => ServerProcess

/**
 * The life of `npm start` and `npm run dev`: an embedded database where DATABASE_URL names none, a
 * server on it until a signal comes, and the server's exit status as our own. The database stops
 * last, after the server's last query: that is why the server has a process of its own.
 */
export async function runSession(serve: Serve): Promise<void> {
  const stopping = new AbortController()
  let server: ServerProcess | undefined
  onSignals((signal) => {
    stopping.abort()
    server?.pass(signal)
  })
  try {
    loadEnvironmentFile()
    // In production the server itself says what is wrong.
    if (process.env.DATABASE_URL || process.env.NODE_ENV === 'production') {
      server = serve(process.env)
      process.exitCode = await server.ended
      return
    }
    const database = await startDevelopmentDatabase(report, stopping.signal)
    try {
      stopping.signal.throwIfAborted()
      const AUTH = authOf(process.env)
      const suggest = AUTH === 'off' ? suggestRequest : suggestKey
      server = serve({ ...process.env, AUTH, DATABASE_URL: database.url }, suggest)
      process.exitCode = await server.ended
    } finally {
      await database.stop()
    }
  } catch (error) {
    // A start that was called off fails as well, and that is no fault.
    if (stopping.signal.aborted && server === undefined) return
    reportFatal(error)
    process.exitCode = 1
  }
}

/**
 * How callers of a server on an embedded database prove who they are, where nobody has said: not at all
 * where only this machine reaches it, which has no data but what is tried out here.
 */
export function authOf({ AUTH, HOST }: NodeJS.ProcessEnv): string {
  return AUTH || (isLoopback(HOST || 'localhost') ? 'off' : 'keys')
}

function onSignals(listener: (signal: NodeJS.Signals) => void): void {
  let lastMs = -Infinity
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const nowMs = performance.now()
      if (nowMs - lastMs > SAME_SIGNAL_MS) listener(signal)
      lastMs = nowMs
    })
  }
}

function suggestRequest(origin: string): void {
  // Another user at each start, so that the line works as it stands every time.
  const userId = `user-${Date.now().toString(36)}`
  report(
    `Try it: curl -i ${origin}/api/bookings/reserve -H 'Content-Type: application/json' ` +
      `-d '{"event_id": 1, "user_id": "${userId}"}'`,
  )
}

/** The demo event is the tenant's for whom nobody has to say an owner. */
function suggestKey(): void {
  report(
    'Make a key: npm run --silent keys -- create --tenant default --scopes admin (in another terminal)',
  )
}
