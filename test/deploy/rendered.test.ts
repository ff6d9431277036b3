import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { projectDir } from '../helpers/run-state.ts'

const run = promisify(execFile)

async function render(folder: string): Promise<unknown[]> {
  const path = join(projectDir, 'deploy', 'kubernetes', folder)
  const { stdout } = await run('kubectl', ['kustomize', path])
  return parseAllDocuments(stdout).map((document) => document.toJS() as unknown)
}

const skip = await run('kubectl', ['version', '--client']).then(
  () => false,
  () => 'there is no kubectl that runs',
)

void t.test('what kubectl makes of the manifests', { skip }, async (t) => {
  const service = await render('.')
  t.match(await render('migrate'), [{ kind: 'Job', metadata: { namespace: 'reservations' } }])
  const kinds = ['ConfigMap', 'Deployment', 'NetworkPolicy', 'PodDisruptionBudget']
  t.same(service.map((manifest) => String(Reflect.get(Object(manifest), 'kind'))).sort(), [
    ...kinds,
    'Service',
    'ServiceMonitor',
  ])
  const names = service.filter(ConfigMap.is).map(({ metadata }) => metadata?.name)
  const asked = service
    .filter(Deployment.is)
    .flatMap(({ spec }) => spec?.template.spec?.containers ?? [])
    .flatMap(({ envFrom = [] }) => envFrom)
    .flatMap(({ configMapRef }) => configMapRef?.name ?? [])
  t.match(names[0], /^reservation-system-api-\w+$/, 'has another name with other content')
  t.same(asked, names, 'by which the pods ask for it')
})
