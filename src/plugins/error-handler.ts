import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { allowedMethods } from '../http/allowed-methods.ts'
import { classify } from '../http/classify.ts'
import { failureOf, sendFailure } from '../http/failure.ts'

/**
 * Answers everything that is not a success, in one place: errors of routes and of the framework,
 * unknown paths (404) and known paths with another method (405 with `Allow`, RFC 9110, 15.5.6).
 */
function errorHandler(app: FastifyInstance, _options: object, done: () => void): void {
  app.decorateReply('failure', null)

  app.setErrorHandler((error, request, reply) => {
    return sendFailure(request, reply, classify(error, request))
  })

  app.setNotFoundHandler((request, reply) => sendNotFound(app, request, reply))

  // Before the body is parsed: otherwise a bad body would hide that there is no such route. OPTIONS has
  // a route for all paths where browsers may ask; what they ask is answered by then.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.is404 || request.method === 'OPTIONS') sendNotFound(app, request, reply)
    else next()
  })
  done()
}

function sendNotFound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
  const methods = allowedMethods(app, request.url)
  // A route of this method may itself find nothing, as static files do: that is 404, not 405.
  if (methods.length === 0 || methods.includes(request.method)) {
    return sendFailure(request, reply, failureOf('not_found'))
  }
  reply.header('allow', methods.join(', '))
  return sendFailure(request, reply, failureOf('method_not_allowed'))
}

export default fp(errorHandler, { name: 'error-handler', fastify: '5.x' })
