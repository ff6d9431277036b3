import type { IContainer } from 'kubernetes-models/v1/Container'
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec'
import type { Manifests } from './manifests.ts'

type Labels = Record<string, string>

/** The pods of the service, and those of the migration Job. */
export function podsOf({ deployment, job }: Manifests): {
  service: IPodTemplateSpec
  migration: IPodTemplateSpec
} {
  return { service: deployment.spec?.template ?? {}, migration: job.spec?.template ?? {} }
}

/** The one container that a pod has. */
export function containerOf({ spec }: IPodTemplateSpec): IContainer {
  const [container, ...others] = spec?.containers ?? []
  if (container === undefined || others.length > 0) throw new Error('There is not one container')
  return container
}

/** Whether a selector by labels, which must not be empty, takes what has these. */
export function selects(selector: Labels | undefined, labels: Labels | undefined): boolean {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([name, value]) => labels?.[name] === value)
}

/** The names of the ports that a container of the service listens on. */
export function portNamesOf(manifests: Manifests): string[] {
  const { ports = [] } = containerOf(podsOf(manifests).service)
  return ports.map(({ name = '' }) => name).sort()
}

/** The number behind the name of a port; NaN where there is none of that name. */
export function portNamed(manifests: Manifests, wanted: string): number {
  const { ports = [] } = containerOf(podsOf(manifests).service)
  return ports.find(({ name }) => name === wanted)?.containerPort ?? NaN
}

/** An amount of memory, in MiB; NaN where it is in other units than Mi and Gi. */
export function mebibytes(amount: string | number | undefined): number {
  const [, number, unit] = /^(\d+)([MG])i$/.exec(String(amount)) ?? []
  return Number(number) * (unit === 'G' ? 1024 : 1)
}
