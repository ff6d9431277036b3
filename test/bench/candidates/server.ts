import { buildApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { serve } from '../child-side.ts'
import { emptyRead } from './empty.ts'
import { engineOf } from './engines.ts'
import { isCandidate } from './names.ts'

// The process of one candidate: the service's own application, with another engine where the
// candidate is not the service.

const [name] = process.argv.slice(2)
if (!isCandidate(name)) throw new Error(`There is no candidate ${name ?? ''}`)

const config = loadConfig(process.env)
const app = await buildApp(config)
const engine = engineOf(name, config)
if (engine !== undefined) {
  app.reservations = engine
  app.addHook('onClose', () => engine.close())
}
if (name === 'empty') app.reads = { ...app.reads, event: emptyRead }
const origin = await app.listen({ host: config.http.host, port: config.http.port })

serve(
  (question) => {
    if (question === 'port') return new URL(origin).port
    const { user, system } = process.cpuUsage()
    return user + system
  },
  () => app.close(),
)
