import { join } from 'node:path'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { projectDir } from '../helpers/run-state.ts'
import { installPackages } from './packages.ts'
import { folderWith, runTool } from './served.ts'

const skip = await installPackages()

const config = (name: string) => join(projectDir, 'test/clients', name)

t.test('linters of OpenAPI find no fault with the document', { skip }, async (t) => {
  const app = await createTestApp(t)
  const { body } = await app.inject('/documentation/json')
  const folder = await folderWith(t, body)

  await t.test('Spectral', async (t) => {
    const rules = ['--ruleset', config('spectral.yaml'), '--fail-severity', 'hint']
    const { failed, output } = await runTool(folder, 'spectral', 'lint', 'openapi.json', ...rules)
    t.notOk(failed, output)
    t.match(output, 'No results with a severity')
  })

  await t.test('Redocly', async (t) => {
    const rules = ['--config', config('redocly.yaml')]
    const { failed, output } = await runTool(folder, 'redocly', 'lint', 'openapi.json', ...rules)
    t.notOk(failed, output)
    t.match(output, 'Your API description is valid')
    t.notMatch(output, /You have \d+ warning/)
  })

  await t.test('but they do where there is one', async (t) => {
    const bad = await folderWith(t, body.replaceAll('schemas/Booking"', 'schemas/Bookin"'))
    const findings = await Promise.all([
      runTool(bad, 'spectral', 'lint', 'openapi.json', '--ruleset', config('spectral.yaml')),
      runTool(bad, 'redocly', 'lint', 'openapi.json', '--config', config('redocly.yaml')),
    ])
    for (const { failed, output } of findings) {
      t.ok(failed)
      t.match(output, 'Bookin')
    }
  })
})
