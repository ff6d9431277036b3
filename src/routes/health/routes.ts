import { Type, type FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import '@fastify/sensible'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { errorResponses } from '../../http/error-schemas.ts'

const livenessSchema = {
  operationId: 'getLiveness',
  tags: ['Service'],
  summary: 'Liveness',
  description: 'Answers as long as the process serves requests. It does not ask the database.',
  response: {
    200: Type.Object(
      { status: Type.Literal('alive', { description: 'That it does' }) },
      { description: 'The process serves requests', examples: [{ status: 'alive' }] },
    ),
    ...errorResponses('bad_request'),
  },
}

const readinessSchema = {
  operationId: 'getReadiness',
  tags: ['Service'],
  summary: 'Readiness',
  description:
    'Checks that the database answers, that all migrations have been applied, and that writes can work.',
  response: {
    200: Type.Object(
      { status: Type.Literal('ready', { description: 'That it is' }) },
      { description: 'The service is ready', examples: [{ status: 'ready' }] },
    ),
    ...errorResponses(
      'bad_request',
      'internal_error',
      'database_unavailable',
      'migrations_pending',
      'shutting_down',
    ),
  },
}

/** Probes for whatever runs the service. Their answers are not logged; changes of readiness are. */
const health: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.get('/livez', { schema: livenessSchema, logLevel: 'warn' }, (_request, reply) => {
    reply.preventCache().send({ status: 'alive' })
  })

  app.get('/readyz', { schema: readinessSchema, logLevel: 'fatal' }, async (request, reply) => {
    reply.preventCache()
    const reason = await app.checkReadiness()
    if (reason !== null) return sendFailure(request, reply, failureOf(reason))
    return reply.send({ status: 'ready' })
  })
  done()
}

export default health
