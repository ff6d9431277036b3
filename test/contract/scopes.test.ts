import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { SCOPES } from '../../src/domain/access.ts'
import { createTestApp, testConfig } from '../helpers/app.ts'
import { operationsOf } from '../helpers/operations.ts'
import { projectDir } from '../helpers/run-state.ts'

// The promise: docs/api.md says of every operation what it asks for, and of nothing else.

t.test('the table of scopes is that of the OpenAPI document', async (t) => {
  const app = await createTestApp(t)
  const text = await readFile(join(projectDir, 'docs/api.md'), 'utf8')
  const rows = text.matchAll(/^\| `(\w+)` +\| `([A-Z]+) ([^`]+)` +\| (?:`([a-z:]+)`|none) +\|$/gm)
  const told = Array.from(rows, ([, id, method, path, scope]) => ({ id, method, path, scope }))
  const served = (await operationsOf(app)).map(({ id, method, path, scope }) => ({
    id,
    method,
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    scope: scope ?? undefined,
  }))
  const byId = (a: { id: string | undefined }, b: { id: string | undefined }) =>
    String(a.id).localeCompare(String(b.id))
  t.strictSame(told.sort(byId), served.sort(byId))
  t.ok(served.length >= 23)
  for (const scope of SCOPES) t.ok(text.includes(`\n| \`${scope}\``), `${scope} is explained`)
})

t.test('a route of the API has to say who may use it', async (t) => {
  const app = await buildApp(testConfig('postgresql://localhost:1/nowhere'))
  t.teardown(() => app.close())
  const handler = () => 'x'
  t.throws(() => app.get('/api/open', handler), { message: /has to name its scope/ })
  app.get('/api/told', { config: { scope: null } }, handler)
  app.get('/elsewhere', handler)
  t.equal((await app.inject('/api/told')).statusCode, 200)
})
