import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'

/**
 * The metrics on the port of the API, for whoever asks. Not in the document: they are there only where
 * the operator has said so.
 */
const metricsRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const { metrics } = app
  if (metrics !== null) {
    app.get('/metrics', { schema: { hide: true }, logLevel: 'warn' }, async (_request, reply) => {
      return reply
        .preventCache()
        .type(metrics.contentType)
        .send(await metrics.read())
    })
  }
  done()
}

export default metricsRoutes
