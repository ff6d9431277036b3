import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { EngineError } from '../engine/engine-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set off when the service begins to close: what would take long is to come to an end. */
    closing: AbortSignal
  }
}

function closing(app: FastifyInstance, _options: object, done: () => void): void {
  const beginning = new AbortController()
  app.decorate('closing', beginning.signal)
  app.addHook('preClose', (next) => {
    beginning.abort(new EngineError('shutting_down'))
    next()
  })
  done()
}

export default fp(closing, { name: 'closing', fastify: '5.x' })
