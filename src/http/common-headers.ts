import type { FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** What browsers are told of every answer; see `securityHeaders`. */
    securityHeaders: Readonly<Record<string, string>>
  }
}

/**
 * Sets what every answer carries: the id under which its request stands in the log, and what browsers
 * are told of it.
 */
export function setCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id).headers(request.server.securityHeaders)
}
