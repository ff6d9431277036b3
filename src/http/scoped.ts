import type { FastifySchema } from 'fastify'
import type { Scope } from '../domain/access.ts'

/** Makes the options of routes that ask for a scope; see `src/plugins/scopes.ts`. */
export function scoped(scope: Scope) {
  return <S extends FastifySchema>(schema: S) => ({ schema, config: { scope } })
}
