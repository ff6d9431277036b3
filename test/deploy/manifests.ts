import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import {
  ServiceMonitor,
  type IServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { Job, type IJob } from 'kubernetes-models/batch/v1/Job'
import {
  NetworkPolicy,
  type INetworkPolicy,
} from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import {
  PodDisruptionBudget,
  type IPodDisruptionBudget,
} from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Service, type IService } from 'kubernetes-models/v1/Service'
import { parse } from 'yaml'
import { projectDir } from '../helpers/run-state.ts'

const folder = join(projectDir, 'deploy', 'kubernetes')

/** What `deploy/kubernetes/` says. */
export interface Manifests {
  deployment: IDeployment
  service: IService
  budget: IPodDisruptionBudget
  policy: INetworkPolicy
  monitor: IServiceMonitor
  job: IJob
  /** What the generated ConfigMap has. */
  environment: Record<string, string>
  /** The project's own. */
  version: string
}

/** All manifests as they are written. Of each the kind and its version are sure, and nothing else. */
export async function readManifests(): Promise<Manifests> {
  return {
    deployment: await read('deployment.yaml', Deployment.is),
    service: await read('service.yaml', Service.is),
    budget: await read('disruption-budget.yaml', PodDisruptionBudget.is),
    policy: await read('network-policy.yaml', NetworkPolicy.is),
    monitor: await read('service-monitor.yaml', ServiceMonitor.is),
    job: await read('migrate/job.yaml', Job.is),
    environment: await readEnvironmentFile('service.env'),
    version: await readVersion(),
  }
}

/** What is in a YAML file below `deploy/kubernetes/`. */
export async function readYaml(file: string): Promise<unknown> {
  return parse(await readFile(join(folder, file), 'utf8'))
}

/** The names of the files in a folder below `deploy/kubernetes/`. */
export async function filesIn(below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

async function read<T>(file: string, is: (value: unknown) => value is T): Promise<T> {
  const value = await readYaml(file)
  if (!is(value)) throw new Error(`${file} is of another kind, or of another version`)
  return value
}

async function readEnvironmentFile(file: string): Promise<Record<string, string>> {
  const parsed = Object.entries(parseEnv(await readFile(join(folder, file), 'utf8')))
  return Object.fromEntries(
    parsed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

async function readVersion(): Promise<string> {
  const project: unknown = JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8'))
  if (typeof project === 'object' && project !== null && 'version' in project) {
    return String(project.version)
  }
  throw new Error('package.json names no version')
}
