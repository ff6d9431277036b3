import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { faultOfHead } from '../http/connections/request-head.ts'
import { sendFailure } from '../http/failure.ts'

/** Refuses a request whose head is at fault, before anything else answers it. */
function requestHead(app: FastifyInstance, _options: object, done: () => void): void {
  app.addHook('onRequest', (request, reply, next) => {
    const fault = faultOfHead(request.raw)
    // Where its message ends is in doubt then, and so is what comes behind it.
    if (fault !== undefined) sendFailure(request, reply.header('connection', 'close'), fault)
    else next()
  })
  done()
}

export default fp(requestHead, { name: 'request-head', fastify: '5.x' })
