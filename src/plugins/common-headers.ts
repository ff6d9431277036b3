import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { setCommonHeaders } from '../http/common-headers.ts'

/** Puts on every answer what all of them carry. */
function commonHeaders(app: FastifyInstance, _options: object, done: () => void): void {
  app.addHook('onRequest', (request, reply, next) => {
    setCommonHeaders(request, reply)
    next()
  })
  done()
}

export default fp(commonHeaders, { name: 'common-headers', fastify: '5.x' })
