import type { FastifyInstance, FastifyRequest, preParsingHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { AtOnce } from '../http/limits/at-once.ts'

/** Together they have at most so many times 4 MiB in memory, and a few times as much once they are parsed. */
const MAX_LARGE_BODIES = 16

/**
 * Lets in so many requests at once whose bodies are larger than `BODY_LIMIT_BYTES`, as those of few routes
 * may be; the next ones are turned away, before their bodies are read. Other routes, that of reserving among
 * them, have nothing to do with it.
 */
function largeBodies(app: FastifyInstance, _options: object, done: () => void): void {
  const atOnce = new AtOnce(MAX_LARGE_BODIES)
  const ordinaryBytes = app.initialConfig.bodyLimit ?? 0
  const letIn: preParsingHookHandler = (request, reply, _payload, next) => {
    if (mostBytesOf(request) > ordinaryBytes) atOnce.letIn(request, reply)
    next()
  }
  app.addHook('onRoute', (route) => {
    if ((route.bodyLimit ?? 0) > ordinaryBytes) {
      route.preParsing = [letIn, ...[route.preParsing ?? []].flat()]
    }
  })
  done()
}

/** What a body may come to. */
function mostBytesOf({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  const length = headers['content-length']
  if (length !== undefined) return Math.min(Number(length), bodyLimit)
  return headers['transfer-encoding'] === undefined ? 0 : bodyLimit
}

export default fp(largeBodies, { name: 'large-bodies', fastify: '5.x', dependencies: ['auth'] })
