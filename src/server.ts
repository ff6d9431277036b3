import { buildApp, type App } from './app.ts'
import { loadConfig, loadEnvironmentFile, withDatabase, type LoadedConfig } from './config.ts'
import { report, reportFatal } from './report.ts'
import { closeOnSignals } from './shutdown.ts'

// What has to be undone at the end, last first. Grows as the start goes on.
const closers: (() => Promise<void>)[] = []
const stopping = new AbortController()

try {
  loadEnvironmentFile()
  const config = loadConfig(process.env)
  const starting = start(config)
  closeOnSignals(async () => {
    // A step of the start that is half done can't be undone: let that one come to its end.
    stopping.abort()
    await starting.catch(() => undefined)
    await closeAll()
  }, config.shutdownTimeoutMs)
  await starting
} catch (error) {
  // Called off in the middle, the start fails too; then the way out is in hand already.
  if (!stopping.signal.aborted) {
    reportFatal(error)
    await closeAll().catch(reportFatal)
    process.exit(1)
  }
}

async function start(loaded: LoadedConfig): Promise<void> {
  const { url, isDevelopment } = await databaseOf(loaded)
  stopping.signal.throwIfAborted()
  const config = withDatabase(loaded, url)
  const app = await buildApp(config)
  closers.push(() => app.close())
  await app.listen({ host: config.http.host, port: config.http.port })
  announce(app, config.http.host, isDevelopment)
}

async function databaseOf({ database }: LoadedConfig) {
  if (database.url !== null) return { url: database.url, isDevelopment: false }
  // Only here, as production has none of what it needs.
  const { startDevelopmentDatabase } = await import('./database/development.ts')
  const { url, stop } = await startDevelopmentDatabase(report, stopping.signal)
  closers.push(stop)
  return { url, isDevelopment: true }
}

function announce(app: App, host: string, isDevelopment: boolean): void {
  const port = portOf(app)
  const isAnyAddress = host === '0.0.0.0' || host === '::'
  const name = isAnyAddress ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const origin = `http://${name}:${port}`
  report(`Server running on port ${port}`)
  report(`Documentation at ${origin}/documentation`)
  if (!isDevelopment) return
  // Another user at each start, so that the line works as it stands every time.
  const userId = `user-${Date.now().toString(36)}`
  report(
    `Try it: curl -i ${origin}/api/bookings/reserve -H 'Content-Type: application/json' ` +
      `-d '{"event_id": 1, "user_id": "${userId}"}'`,
  )
}

function portOf(app: App): number {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port')
  return address.port
}

async function closeAll(): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
}
