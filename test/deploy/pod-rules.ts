import type { ILifecycleHandler } from 'kubernetes-models/v1/LifecycleHandler'
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec'
import { loadConfig } from '../../src/config/config.ts'
import type { Manifests } from './manifests.ts'
import { containerOf, podsOf, portNamesOf } from './parts.ts'

type Rules = Record<string, (manifests: Manifests) => boolean>

/** What has to hold of the pods, and of how they come and go. */
export const POD_RULES: Rules = {
  'a rollout takes no capacity': ({ deployment }) => {
    const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {}
    return maxUnavailable === 0 && Number(maxSurge) >= 1
  },
  'a node can be drained while others serve': ({ deployment, budget }) => {
    const replicas = Number(deployment.spec?.replicas)
    const unavailable = Number(budget.spec?.maxUnavailable)
    return replicas >= 2 && unavailable >= 1 && unavailable < replicas
  },
  'a pod is not killed before the service has ended by itself': (all) => {
    const { service: pod } = podsOf(all)
    const seconds = Number(pod.spec?.terminationGracePeriodSeconds)
    const preStop = sleepOf(containerOf(pod).lifecycle?.preStop)
    return seconds * 1000 > preStop * 1000 + configOf(all).shutdownTimeoutMs
  },
  'a pod that ends listens until it is taken out of the Service': (all) =>
    sleepOf(containerOf(podsOf(all).service).lifecycle?.preStop) > 0,
  'readiness asks the database, and waits for its answer': (all) => {
    const { readinessProbe: probe } = containerOf(podsOf(all).service)
    const timeoutMs = (probe?.timeoutSeconds ?? 1) * 1000
    return probe?.httpGet?.path === '/readyz' && timeoutMs > configOf(all).database.connectTimeoutMs
  },
  'liveness leaves the database alone': (all) => {
    const { livenessProbe, startupProbe } = containerOf(podsOf(all).service)
    return [livenessProbe, startupProbe].every((probe) => probe?.httpGet?.path === '/livez')
  },
  'probes ask a port that is there': (all) => {
    const { livenessProbe, readinessProbe, startupProbe } = containerOf(podsOf(all).service)
    return [livenessProbe, readinessProbe, startupProbe].every((probe) =>
      portNamesOf(all).includes(String(probe?.httpGet?.port)),
    )
  },
  "images are of this version, and named as the project's": (all) =>
    containerOf(podsOf(all).service).image === `reservation-system-api:${all.version}` &&
    containerOf(podsOf(all).migration).image === `reservation-system-api-migrate:${all.version}`,
  'memory is bounded, and asked for': (all) =>
    Object.values(podsOf(all)).every((pod) => {
      const { requests, limits } = containerOf(pod).resources ?? {}
      return [requests?.cpu, requests?.memory, limits?.memory].every(
        (amount) => amount !== undefined,
      )
    }),
  'pods are as restricted as Pod Security has it, and can write no file': (all) =>
    Object.values(podsOf(all)).every(isRestricted),
  'pods have no token of Kubernetes': (all) =>
    Object.values(podsOf(all)).every(({ spec }) => spec?.automountServiceAccountToken === false),
}

/** The level `restricted` of Kubernetes' Pod Security Standards, and a file system to read only. */
function isRestricted(pod: IPodTemplateSpec): boolean {
  const { securityContext: ofPod, hostNetwork, hostPID, hostIPC, volumes = [] } = pod.spec ?? {}
  const { securityContext: own } = containerOf(pod)
  return (
    [hostNetwork, hostPID, hostIPC, own?.privileged].every((value) => value !== true) &&
    volumes.every(({ hostPath }) => hostPath === undefined) &&
    ofPod?.runAsNonRoot === true &&
    Number(ofPod.runAsUser) > 0 &&
    ofPod.seccompProfile?.type === 'RuntimeDefault' &&
    own?.allowPrivilegeEscalation === false &&
    own.readOnlyRootFilesystem === true &&
    own.capabilities?.drop?.join() === 'ALL' &&
    own.capabilities.add === undefined
  )
}

function sleepOf(handler: ILifecycleHandler | undefined): number {
  return handler?.sleep?.seconds ?? 0
}

function configOf({ environment }: Manifests) {
  return loadConfig({ ...environment, DATABASE_URL: 'postgresql://database/reservations' })
}
