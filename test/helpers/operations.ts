import type { App } from '../../src/app.ts'
import { isScope, type Scope } from '../../src/domain/access.ts'

/** An operation as the OpenAPI document has it. */
export interface DocumentedOperation {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** A path that the router has a route for, of things that may not be there. */
  readonly url: string
  /** Null where it is for everybody. */
  readonly scope: Scope | null
  readonly statuses: readonly string[]
}

interface Documented {
  operationId: string
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; example?: unknown }[]
  responses: Record<string, unknown>
}

/** All operations that the document of a service has. */
export async function operationsOf(app: App): Promise<DocumentedOperation[]> {
  const { paths } = (await app.inject('/documentation/json')).json<{
    paths: Record<string, Record<string, Documented>>
  }>()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => describe(path, method, operation)),
  )
}

function describe(path: string, name: string, operation: Documented): DocumentedOperation {
  const { operationId: id, security = [], parameters = [], responses } = operation
  const method = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find(
    (m) => m === name.toUpperCase(),
  )
  if (method === undefined) throw new Error(`${id} has the method ${name}`)
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  const url = inPath.reduce(
    (filled, parameter) => filled.replace(`{${parameter.name}}`, String(parameter.example)),
    path,
  )
  const [scope, ...more] = security.flatMap(({ bearer = [] }) => bearer)
  if (more.length > 0 || security.length > 1) throw new Error(`${id} asks for several scopes`)
  if (scope !== undefined && !isScope(scope)) throw new Error(`${id} asks for ${scope}`)
  return { id, method, path, url, scope: scope ?? null, statuses: Object.keys(responses) }
}
