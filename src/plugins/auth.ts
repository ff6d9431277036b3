import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { isLoopback } from '../config/loopback.ts'
import { DEFAULT_TENANT, SCOPES, serviceOf, type Caller, type Grant } from '../domain/access.ts'
import { keyAuthenticator, tokenAuthenticator } from '../http/authentication/authenticators.ts'
import { authenticate } from '../http/authentication/gate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks and what that one may do; null before that is known, and where everybody may. */
    grant: Grant | null
    /** Who asks, on a route that names a scope. */
    readonly caller: Caller
  }
}

export interface AuthOptions {
  readonly config: Pick<Config, 'auth' | 'http'>
}

/** With `AUTH=off` nobody is told apart, and everybody may do everything. */
const ANYBODY: Grant = Object.freeze({
  caller: Object.freeze(serviceOf(DEFAULT_TENANT)),
  scopes: new Set(SCOPES),
})

/** Tells who asks, and turns away whoever nobody knows: before the body is read. */
function auth(app: FastifyInstance, { config }: AuthOptions, done: () => void) {
  app.decorateRequest('grant', null)
  app.decorateRequest('caller', { getter: callerOf })
  if (config.auth === 'off') {
    if (!isLoopback(config.http.host)) app.log.warn(ALL_OPEN)
    app.addHook('onRequest', (request, _reply, next) => {
      request.grant = ANYBODY
      next()
    })
  } else {
    const authenticators = [keyAuthenticator(app.keyRing), tokenAuthenticator(app.tokens)]
    app.addHook('onRequest', (request, reply, next) => {
      const { scope } = request.routeOptions.config
      if (scope === null || scope === undefined) next()
      else authenticate(authenticators, { request, reply, next })
    })
  }
  done()
}

const ALL_OPEN = 'AUTH is off: whoever reaches this port may do everything'

function callerOf(this: FastifyRequest): Caller {
  if (this.grant === null) throw new Error('Nobody knows who asks: the route names no scope')
  return this.grant.caller
}

export default fp(auth, {
  name: 'auth',
  fastify: '5.x',
  dependencies: ['key-ring', 'limits', 'tokens'],
})
