import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { readEnvironment } from '../../src/config/environment.ts'
import { environmentSchema } from '../../src/config/environment-schema.ts'
import { projectDir } from '../helpers/run-state.ts'

/** What Compose makes of `${NAME:-default}` where nothing is set. */
const withDefaults = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')

void t.test('the service of compose.yaml', async (t) => {
  const text = withDefaults(await readFile(join(projectDir, 'compose.yaml'), 'utf8'))
  const { app } = parse(text, { merge: true }).services
  const unknown = Object.keys(app.environment).filter(
    (name) => !(name in environmentSchema.properties),
  )
  t.same(unknown, [], 'is told what it knows')
  const environment = readEnvironment(app.environment)
  t.equal(environment.AUTH, 'keys')
  const graceMs = Number(/^(\d+)s$/.exec(app.stop_grace_period)?.[1]) * 1000
  t.ok(graceMs > environment.SHUTDOWN_TIMEOUT_MS, 'has the time to end by itself')
  for (const published of app.ports) t.match(published, /^127\.0\.0\.1:/, 'stays on this machine')
})
