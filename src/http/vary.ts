import type { FastifyReply } from 'fastify'

/**
 * Adds a request header to those by which the answer is chosen (RFC 9110, section 12.5.5). Several
 * parts of the service have one: none may take back what another has said.
 */
export function varyBy(reply: FastifyReply, name: string): void {
  const known = reply.getHeader('vary')
  reply.header('vary', known === undefined ? name : `${String(known)}, ${name}`)
}
