import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Sets what every answer carries: the id under which its request stands in the log, and that its
 * type is not to be guessed (WHATWG Fetch, X-Content-Type-Options).
 */
export function setCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
}
