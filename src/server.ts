import { buildApp, type App } from './app.ts'
import { loadConfig, loadEnvironmentFile, type Config } from './config/config.ts'
import { openLogDestination } from './http/logging/log-destination.ts'
import { report, reportFatal } from './report.ts'
import { closeOnSignals } from './shutdown.ts'

const stopping = new AbortController()
let app: App | undefined

try {
  loadEnvironmentFile()
  const config = loadConfig(process.env)
  const starting = start(config)
  closeOnSignals(async () => {
    // A step of the start that is half done can't be undone: let that one come to its end.
    stopping.abort()
    await starting.catch(() => undefined)
    await app?.close()
  }, config.shutdownTimeoutMs)
  await starting
} catch (error) {
  // Called off in the middle, the start fails too; then the way out is in hand already.
  if (!stopping.signal.aborted) {
    reportFatal(error)
    await app?.close().catch(reportFatal)
    process.exit(1)
  }
}

async function start(config: Config): Promise<void> {
  app = await buildApp(config, { logger: { level: config.logLevel, stream: openLogDestination() } })
  stopping.signal.throwIfAborted()
  await app.listen({ host: config.http.host, port: config.http.port })
  const port = portOf(app)
  report(`Server running on port ${port}`)
  const origin = `http://${hostInUrl(config.http.host)}:${port}`
  report(
    config.documentation.isOn ? `Documentation at ${origin}/documentation` : `API at ${origin}/api`,
  )
  const own = config.metrics?.own
  const metricsPort = app.metrics?.port
  if (own && metricsPort) report(`Metrics at http://${hostInUrl(own.host)}:${metricsPort}/metrics`)
}

/** The host by which a browser on this machine reaches an address that is listened on. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function portOf({ server }: App): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port')
  return address.port
}
