import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { projectDir } from '../helpers/run-state.ts'
import { installPackages } from './packages.ts'
import { run } from './run.ts'
import { folderWith, runTool } from './served.ts'

const skip = await installPackages()

t.test('a client of openapi-typescript and openapi-fetch tells the story', { skip }, async (t) => {
  const app = await createTestApp(t)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const document = await (await fetch(`${origin}/documentation/json`)).text()
  const folder = await folderWith(t, document)
  const types = await runTool(folder, 'openapi-typescript', 'openapi.json', '-o', 'api.d.ts')
  t.notOk(types.failed, types.output)
  await cp(join(projectDir, 'test/clients/story'), folder, { recursive: true })

  const compiled = await runTool(folder, 'tsc', '-p', '.')
  t.notOk(compiled.failed, compiled.output)
  const told = await run(folder, process.execPath, join(folder, 'out/story.js'), origin)
  t.notOk(told.failed, told.output)
  t.equal(told.output, 'told\n')
})
