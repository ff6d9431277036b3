import type { Manifests } from './manifests.ts'
import { containerOf, podsOf } from './parts.ts'

type Mutation = (manifests: Manifests) => unknown

const OTHER = { 'app.kubernetes.io/name': 'other' }

/** By the rule that has to notice it: what makes a right set of manifests wrong. */
export const MUTATIONS: Record<string, Mutation> = {
  'the Deployment selects its own pods': ({ deployment }) =>
    Object.assign(deployment.spec?.selector ?? {}, { matchLabels: OTHER }),
  'the Service selects the pods of the service': ({ service }) =>
    Object.assign(service.spec ?? {}, { selector: OTHER }),
  'the Service leaves the pods of the Job alone': ({ service }) =>
    delete service.spec?.selector?.['app.kubernetes.io/component'],
  'the budget counts the pods of the service alone': ({ budget }) =>
    delete budget.spec?.selector?.matchLabels?.['app.kubernetes.io/component'],
  'the network policy holds for all pods': ({ policy }) =>
    Object.assign(policy.spec?.podSelector ?? {}, {
      matchLabels: { 'app.kubernetes.io/component': 'service' },
    }),
  'the ServiceMonitor selects the Service': ({ monitor }) =>
    Object.assign(monitor.spec.selector, { matchLabels: OTHER }),
  'the pods are spread among themselves': (all) =>
    Object.assign(podsOf(all).service.spec?.topologySpreadConstraints?.[0] ?? {}, {
      labelSelector: { matchLabels: OTHER },
    }),

  'the container listens on PORT and METRICS_PORT': ({ environment }) =>
    (environment.METRICS_PORT = '9465'),
  'the ports of the Service lead to ports of the pods': ({ service }) =>
    Object.assign(service.spec?.ports?.[0] ?? {}, { targetPort: 'https' }),
  'the ServiceMonitor asks a port of the Service': ({ monitor }) =>
    Object.assign(monitor.spec.endpoints[0] ?? {}, { port: 'prometheus' }),
  'ingress says of every port who reaches it': ({ policy }) => policy.spec?.ingress?.pop(),
  'nobody is let in without being named': ({ policy }) => delete policy.spec?.ingress?.[0]?.from,
  'egress has DNS and PostgreSQL, and no more': ({ policy }) => policy.spec?.egress?.push({}),

  'every variable is one that the service knows': ({ environment }) =>
    (environment.TRUSTED_PROXY = '1'),
  'the service starts with these variables, and asks for keys': ({ environment }) =>
    (environment.AUTH = 'off'),
  'DATABASE_URL comes from a Secret': ({ environment }) =>
    (environment.DATABASE_URL = 'postgresql://database/reservations'),
  "the heap fits into the pod's memory": (all) =>
    Object.assign(containerOf(podsOf(all).service).resources ?? {}, {
      limits: { memory: '512Mi' },
    }),

  'a rollout takes no capacity': ({ deployment }) => delete deployment.spec?.strategy,
  'a node can be drained while others serve': ({ deployment }) =>
    Object.assign(deployment.spec ?? {}, { replicas: 1 }),
  'a pod is not killed before the service has ended by itself': (all) =>
    delete podsOf({ ...all }).service.spec?.terminationGracePeriodSeconds,
  'a pod that ends listens until it is taken out of the Service': (all) =>
    delete containerOf(podsOf(all).service).lifecycle,
  'readiness asks the database, and waits for its answer': (all) =>
    delete containerOf(podsOf(all).service).readinessProbe?.timeoutSeconds,
  'liveness leaves the database alone': (all) =>
    Object.assign(containerOf(podsOf(all).service).livenessProbe?.httpGet ?? {}, {
      path: '/readyz',
    }),
  'probes ask a port that is there': (all) =>
    Object.assign(containerOf(podsOf(all).service).startupProbe?.httpGet ?? {}, { port: 'web' }),
  "images are of this version, and named as the project's": (all) =>
    (containerOf(podsOf(all).migration).image = 'reservation-system-api-migrate:latest'),
  'memory is bounded, and asked for': (all) =>
    delete containerOf(podsOf(all).migration).resources?.limits,
  'pods are as restricted as Pod Security has it, and can write no file': (all) =>
    delete containerOf(podsOf(all).migration).securityContext?.capabilities,
  'pods have no token of Kubernetes': (all) =>
    delete podsOf(all).migration.spec?.automountServiceAccountToken,
}

/** What no rule is about, and the schemas have to notice. */
export const MISFITS: Record<string, { mutate: Mutation; says: RegExp }> = {
  'a member that is misspelt': {
    mutate: ({ deployment }) =>
      Object.assign(deployment.spec?.template.spec ?? {}, { terminationGraceSeconds: 30 }),
    says: /"terminationGraceSeconds"' does not exist in type 'IPodSpec'/,
  },
  'a member of another type': {
    mutate: ({ service }) => Object.assign(service.spec?.ports?.[0] ?? {}, { port: '80' }),
    says: /port must be integer/,
  },
  'a member that is missing': {
    mutate: ({ monitor }) => Reflect.deleteProperty(monitor.spec, 'selector'),
    says: /must have required property selector/,
  },
  'a value that there is not': {
    mutate: ({ job }) =>
      Object.assign(job.spec?.template.spec ?? {}, { restartPolicy: 'Sometimes' }),
    says: /restartPolicy must be equal to one of the allowed values/,
  },
  'a time that is none': {
    mutate: ({ monitor }) => Object.assign(monitor.spec.endpoints[0] ?? {}, { interval: '30' }),
    says: /interval must match pattern/,
  },
}
