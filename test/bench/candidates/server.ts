import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../../src/app.ts'
import { loadConfig, type Config } from '../../../src/config/config.ts'
import { openLogDestination } from '../../../src/http/logging/log-destination.ts'
import { serve } from '../child-side.ts'
import { bareApp } from './bare.ts'
import { emptyRead } from './empty.ts'
import { engineOf } from './engines.ts'
import { isCandidate, type CandidateName } from './names.ts'

// The process of one candidate: the service's own application, with another engine where the
// candidate is not the service; or the framework alone.

const [name] = process.argv.slice(2)
if (!isCandidate(name)) throw new Error(`There is no candidate ${name ?? ''}`)

const config = loadConfig(process.env)
const app = name === 'bare' ? bareApp() : await withEngine(name, config)
const origin = await app.listen({ host: config.http.host, port: config.http.port })

serve(
  (question) => {
    if (question === 'port') return new URL(origin).port
    const { user, system } = process.cpuUsage()
    return user + system
  },
  () => app.close(),
)

async function withEngine(
  name: Exclude<CandidateName, 'bare'>,
  config: Config,
): Promise<Pick<FastifyInstance, 'listen' | 'close'>> {
  const logger = { level: config.logLevel, stream: openLogDestination() }
  const app = await buildApp(config, { logger })
  const engine = engineOf(name, config)
  if (engine !== undefined) {
    app.reservations = engine
    app.addHook('onClose', () => engine.close())
  }
  if (name === 'empty') app.reads = { ...app.reads, event: emptyRead() }
  return app
}
