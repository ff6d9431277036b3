import cors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'

/** What of an answer a script may read, beside what any may (WHATWG Fetch, 3.2.3). */
const EXPOSED = [
  'Accept-Patch',
  'Allow',
  'Content-Disposition',
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
  'X-Seating',
]

/** What a script may send, beside what any may. */
const ALLOWED = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'traceparent',
  'tracestate',
  'X-Request-Id',
]

/** How long a browser remembers an answer; more than two hours none of them does. */
const MAX_AGE_SECONDS = 7200

/**
 * Lets scripts of other origins call the API (WHATWG Fetch, section 3.2), if CORS_ORIGINS names some.
 * Cookies and the like are not taken from them: credentials are sent as `Authorization`.
 *
 * To be registered before what refuses: a script is to see why it was refused, and a browser asks
 * first without a credential.
 */
async function crossOrigin(
  app: FastifyInstance,
  { config: { corsOrigins } }: { config: Pick<Config, 'corsOrigins'> },
): Promise<void> {
  if (corsOrigins.length === 0) return
  await app.register(cors, {
    // With a list the answer names the origin that asks, and says `Vary: Origin`.
    origin: corsOrigins === 'any' ? '*' : [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ALLOWED,
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SECONDS,
    // It would take every OPTIONS for a browser's question, or answer in an envelope of its own.
    preflightContinue: true,
    strictPreflight: false,
  })
  app.addHook('onRequest', (request, reply, next) => {
    if (isPreflight(request)) reply.code(204).send()
    else next()
  })
}

/** Whether a browser asks what a script may send (WHATWG Fetch, section 3.2.2). */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}

export default fp(crossOrigin, { name: 'cross-origin', fastify: '5.x' })
