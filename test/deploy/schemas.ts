import { join } from 'node:path'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Service } from 'kubernetes-models/v1/Service'
import ts from 'typescript'
import { projectDir } from '../helpers/run-state.ts'
import type { Manifests } from './manifests.ts'

/** The modules that have the types of the manifests. */
const TYPES = {
  deployment: ['IDeployment', 'kubernetes-models/apps/v1/Deployment'],
  service: ['IService', 'kubernetes-models/v1/Service'],
  budget: ['IPodDisruptionBudget', 'kubernetes-models/policy/v1/PodDisruptionBudget'],
  policy: ['INetworkPolicy', 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'],
  monitor: [
    'IServiceMonitor',
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor',
  ],
  job: ['IJob', 'kubernetes-models/batch/v1/Job'],
} as const

const FILE = join(projectDir, 'test', 'deploy', 'as-literals.ts')

/**
 * What Kubernetes' published schemas, and that of the Prometheus Operator, have against the
 * manifests. They take members that they don't know, which an API server drops in silence: against
 * misspelt ones the manifests are also compiled, as literals of the types made from those schemas.
 */
export function schemaProblems(manifests: Manifests): string[] {
  return [...invalid(manifests), ...unknownMembers(manifests)]
}

function invalid({ deployment, service, budget, policy, monitor, job }: Manifests): string[] {
  const models = {
    deployment: new Deployment(deployment),
    service: new Service(service),
    budget: new PodDisruptionBudget(budget),
    policy: new NetworkPolicy(policy),
    monitor: new ServiceMonitor(monitor),
    job: new Job(job),
  }
  return Object.entries(models).flatMap(([name, model]) => {
    try {
      model.validate()
      return []
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`]
    }
  })
}

function unknownMembers(manifests: Manifests): string[] {
  const program = ts.createProgram([FILE], compilerOptions, hostOf(asLiterals(manifests)))
  const file = program.getSourceFile(FILE)
  return ts
    .getPreEmitDiagnostics(program, file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es5.d.ts'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

function asLiterals(manifests: Manifests): string {
  return Object.entries(TYPES)
    .map(([name, [type, module]]) => {
      const literal = JSON.stringify(Reflect.get(manifests, name))
      return `import type { ${type} } from '${module}'\nexport const ${name}: ${type} = ${literal}\n`
    })
    .join('')
}

// Declarations don't change between two programs of this process: each is read once.
const read = new Map<string, ts.SourceFile | undefined>()

/** A compiler's view of the disk, with one more file. */
function hostOf(text: string): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions)
  const fromDisk = host.getSourceFile.bind(host)
  return {
    ...host,
    fileExists: (file) => file === FILE || host.fileExists(file),
    readFile: (file) => (file === FILE ? text : host.readFile(file)),
    getSourceFile: (file, options, ...rest) => {
      if (file === FILE) return ts.createSourceFile(file, text, options)
      if (!read.has(file)) read.set(file, fromDisk(file, options, ...rest))
      return read.get(file)
    },
  }
}
