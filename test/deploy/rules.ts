import { loadConfig } from '../../src/config/config.ts'
import { environmentSchema } from '../../src/config/environment-schema.ts'
import type { Manifests } from './manifests.ts'
import { containerOf, mebibytes, podsOf, portNamed, portNamesOf, selects } from './parts.ts'
import { POD_RULES } from './pod-rules.ts'

type Rules = Record<string, (manifests: Manifests) => boolean>

// For Node itself.
const OF_OTHERS = ['NODE_OPTIONS']

const DATABASE_URL = 'postgresql://reservations:secret@database:5432/reservations'

const SELECTORS: Rules = {
  'the Deployment selects its own pods': ({ deployment }) =>
    selects(deployment.spec?.selector.matchLabels, deployment.spec?.template.metadata?.labels),
  'the Service selects the pods of the service': (all) =>
    selects(all.service.spec?.selector, podsOf(all).service.metadata?.labels),
  'the Service leaves the pods of the Job alone': (all) =>
    !selects(all.service.spec?.selector, podsOf(all).migration.metadata?.labels),
  'the budget counts the pods of the service alone': (all) =>
    selects(all.budget.spec?.selector?.matchLabels, podsOf(all).service.metadata?.labels) &&
    !selects(all.budget.spec?.selector?.matchLabels, podsOf(all).migration.metadata?.labels),
  'the network policy holds for all pods': (all) =>
    Object.values(podsOf(all)).every(({ metadata }) =>
      selects(all.policy.spec?.podSelector.matchLabels, metadata?.labels),
    ),
  'the ServiceMonitor selects the Service': ({ monitor, service }) =>
    selects(monitor.spec.selector.matchLabels, service.metadata?.labels),
  'the pods are spread among themselves': (all) => {
    const { metadata, spec } = podsOf(all).service
    const spread = spec?.topologySpreadConstraints ?? []
    return (
      spread.length > 0 &&
      spread.every(({ labelSelector }) => selects(labelSelector?.matchLabels, metadata?.labels))
    )
  },
}

const PORTS: Rules = {
  'the container listens on PORT and METRICS_PORT': (all) =>
    portNamed(all, 'http') === Number(all.environment.PORT) &&
    portNamed(all, 'metrics') === Number(all.environment.METRICS_PORT),
  'the ports of the Service lead to ports of the pods': (all) =>
    (all.service.spec?.ports ?? []).every(({ targetPort }) =>
      portNamesOf(all).includes(String(targetPort)),
    ),
  'the ServiceMonitor asks a port of the Service': ({ monitor, service }) =>
    monitor.spec.endpoints.length > 0 &&
    monitor.spec.endpoints.every(({ port }) =>
      service.spec?.ports?.some(({ name }) => name !== undefined && name === port),
    ),
  'ingress says of every port who reaches it': ({ policy, ...all }) => {
    const named = (policy.spec?.ingress ?? []).flatMap(({ ports = [] }) => ports)
    const names = named.map(({ port }) => String(port)).sort()
    return names.join() === portNamesOf({ policy, ...all }).join()
  },
  'nobody is let in without being named': ({ policy }) =>
    policy.spec?.policyTypes?.includes('Ingress') === true &&
    (policy.spec.ingress ?? []).every(
      ({ from = [], ports = [] }) => from.length * ports.length > 0,
    ),
  'egress has DNS and PostgreSQL, and no more': ({ policy }) => {
    const open = (policy.spec?.egress ?? []).flatMap(({ ports = [{}] }) => ports)
    const named = open.map(({ port = 'any', protocol = 'TCP' }) => `${port}/${protocol}`)
    return (
      policy.spec?.policyTypes?.includes('Egress') === true &&
      named.sort().join() === '53/TCP,53/UDP,5432/TCP'
    )
  },
}

const ENVIRONMENT: Rules = {
  'every variable is one that the service knows': (all) => {
    const { env = [] } = containerOf(podsOf(all).service)
    const names = [...Object.keys(all.environment), ...env.map(({ name }) => name)]
    return names.every((name) => name in environmentSchema.properties || OF_OTHERS.includes(name))
  },
  'the service starts with these variables, and asks for keys': ({ environment }) => {
    try {
      return loadConfig({ ...environment, DATABASE_URL }).auth === 'keys'
    } catch {
      return false
    }
  },
  'DATABASE_URL comes from a Secret': (all) =>
    !('DATABASE_URL' in all.environment) &&
    Object.values(podsOf(all)).every((pod) =>
      containerOf(pod).envFrom?.some(({ secretRef }) => secretRef?.name !== undefined),
    ),
  "the heap fits into the pod's memory": (all) => {
    const { env = [], resources } = containerOf(podsOf(all).service)
    const options = env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? ''
    const size = (of: string) =>
      Number(new RegExp(`--max-${of}-space-size=(\\d+)`).exec(options)?.[1])
    // What is no heap (code, stacks, buffers) has at least a quarter.
    return size('old') + 3 * size('semi') <= 0.75 * mebibytes(resources?.limits?.memory)
  },
}

/** What has to hold beyond the schemas: each rule in words. */
export const RULES: Rules = { ...SELECTORS, ...PORTS, ...ENVIRONMENT, ...POD_RULES }

/** The rules that the manifests break. */
export function brokenRules(manifests: Manifests): string[] {
  return Object.entries(RULES).flatMap(([rule, holds]) => (holds(manifests) ? [] : [rule]))
}
