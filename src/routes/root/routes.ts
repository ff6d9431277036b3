import { Type, type FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'

const TEXT = 'Event Booking API is running'

const schema = {
  tags: ['Service'],
  summary: 'Say that the API is running',
  description: 'Says that the process answers; see `/readyz` for whether it can work.',
  produces: ['text/plain'],
  response: { 200: Type.String({ description: 'It runs', examples: [TEXT] }) },
}

/**
 * The predecessor's greeting. It stands at `/`, and at the API's base URL too, as both are natural
 * readings of the contract.
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
