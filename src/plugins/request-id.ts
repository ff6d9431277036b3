import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Every answer carries the id under which its request stands in the log. */
function requestId(app: FastifyInstance, _options: object, done: () => void): void {
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    next()
  })
  done()
}

export default fp(requestId, { name: 'request-id', fastify: '5.x' })
