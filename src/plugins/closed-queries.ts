import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

const NO_PARAMETERS = Type.Object({})

/**
 * Gives each route of the API that takes no query a schema of none, so that the validator refuses what
 * is sent all the same. Probes and the greeting stay as forgiving as they were.
 */
function closedQueries(app: FastifyInstance, _options: object, done: () => void): void {
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) return
    route.schema = { ...route.schema, querystring: route.schema?.querystring ?? NO_PARAMETERS }
  })
  done()
}

export default fp(closedQueries, { name: 'closed-queries', fastify: '5.x' })
