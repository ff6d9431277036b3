import { Type, type FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { errorResponses } from '../../http/error-schemas.ts'

const TEXT = 'Event Booking API is running'

const schema = {
  tags: ['Service'],
  summary: 'Say that the API is running',
  description:
    'Shows that the process answers. Use `/readyz` to learn whether it can serve requests.',
  produces: ['text/plain'],
  response: {
    200: Type.String({ description: 'The process answers', examples: [TEXT] }),
    ...errorResponses('bad_request'),
  },
}

/**
 * The predecessor's greeting, at `/` and at the API's base URL: its contract can be read both ways.
 */
const root: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.get('/', { schema: { ...schema, operationId: 'getRoot' } }, (_request, reply) => {
    reply.type('text/plain; charset=utf-8').send(TEXT)
  })
  app.get('/api', { schema: { ...schema, operationId: 'getApiRoot' } }, (_request, reply) => {
    reply.type('text/plain; charset=utf-8').send(TEXT)
  })
  done()
}

export default root
