import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { allows, type Scope } from '../domain/access.ts'
import { insufficientScope } from '../http/authentication/challenges.ts'
import { sendFailure } from '../http/failure.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to use the route; null where everybody may. */
    scope?: Scope | null
  }
}

/**
 * Turns away who is known and may not do what he asks for: before the body is read, and after the request
 * has counted against its caller's limit, as otherwise such requests had none.
 */
function scopes(app: FastifyInstance, _options: object, done: () => void) {
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(route)
    if (scope !== null) route.onRequest = [route.onRequest ?? [], turnAwayWithout(scope)].flat()
  })
  done()
}

/** @throws where a route of the API leaves open who may use it */
function scopeOf({ url, config }: RouteOptions): Scope | null {
  if (config?.scope === undefined && url.startsWith('/api/')) {
    throw new Error(`The route ${url} has to name its scope, or null: { config: { scope } }`)
  }
  return config?.scope ?? null
}

function turnAwayWithout(scope: Scope) {
  return (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    if (request.grant !== null && allows(request.grant.scopes, scope)) next()
    else sendFailure(request, reply, insufficientScope(scope))
  }
}

export default fp(scopes, { name: 'scopes', fastify: '5.x', dependencies: ['auth', 'rate-limits'] })
