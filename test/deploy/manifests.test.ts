import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import t from 'tap'
import { filesIn, readManifests, readYaml, type Manifests } from './manifests.ts'
import { MISFITS, MUTATIONS } from './mutations.ts'
import { brokenRules, RULES } from './rules.ts'
import { schemaProblems } from './schemas.ts'

const written = await readManifests()

function mutated(mutate: (manifests: Manifests) => unknown): Manifests {
  const copy = structuredClone(written)
  mutate(copy)
  return copy
}

void t.test('the manifests are what the schemas want', async (t) => {
  t.same(schemaProblems(written), [])
  for (const [misfit, { mutate, says }] of Object.entries(MISFITS)) {
    t.match(schemaProblems(mutated(mutate)).join('\n'), says, `${misfit} is noticed`)
  }
})

void t.test('the manifests fit together, and the service', async (t) => {
  t.same(brokenRules(written), [])
})

void t.test('each rule notices what breaks it', async (t) => {
  t.same(Object.keys(MUTATIONS).sort(), Object.keys(RULES).sort(), 'each has its counter-example')
  for (const [rule, mutate] of Object.entries(MUTATIONS)) {
    t.equal(RULES[rule]?.(mutated(mutate)), false, rule)
  }
})

void t.test('kustomization.yaml leaves no manifest out', async (t) => {
  for (const folder of ['.', 'migrate']) {
    const kustomization = await readYaml(`${folder}/kustomization.yaml`)
    const files = (await filesIn(folder)).filter((file) => file.endsWith('.yaml'))
    const others = files.filter((file) => file !== 'kustomization.yaml').sort()
    t.match(kustomization, { kind: 'Kustomization', namespace: 'reservations' })
    t.ok(Array.isArray(Reflect.get(Object(kustomization), 'resources')))
    t.same([...Reflect.get(Object(kustomization), 'resources')].sort(), others)
  }
})

void t.test('the alert rules are the spec of a PrometheusRule', async (t) => {
  const [apiVersion, kind] = ['monitoring.coreos.com/v1', 'PrometheusRule'] as const
  const spec = await readYaml('../../docs/prometheus/alerts.yaml')
  const rule = { apiVersion, kind, metadata: { name: 'reservation-system-api' }, spec }
  const validate = (value: unknown): void => {
    if (!PrometheusRule.is(value)) throw new TypeError('it is of another kind')
    new PrometheusRule(value).validate()
  }
  validate(rule)
  t.throws(() => {
    validate({ ...rule, spec: { groups: [spec] } })
  }, 'what is none is found out')
})

void t.test('the ConfigMap has the name by which the pods ask for it', async (t) => {
  const { envFrom = [] } = written.deployment.spec?.template.spec?.containers[0] ?? {}
  const names = envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? [])
  t.match(await readYaml('kustomization.yaml'), {
    configMapGenerator: [{ name: names.join(), envs: ['service.env'] }],
  })
})
