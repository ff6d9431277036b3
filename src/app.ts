import sensible from '@fastify/sensible'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyServerOptions } from 'fastify'
import type { Config } from './config/config.ts'
import { turnOf } from './http/authentication/turn-of.ts'
import { proxyingOf, withoutBasePath } from './http/base-path.ts'
import { parseJsonBodies } from './http/body.ts'
import { classify } from './http/classify.ts'
import { setCommonHeaders } from './http/common-headers.ts'
import { securityHeaders } from './http/security-headers.ts'
import { sendFailure } from './http/failure.ts'
import { withSafeErrors } from './http/logging/logged-error.ts'
import { requestIdOf } from './http/logging/request-id.ts'
import { RequestLog } from './http/logging/request-log.ts'
import { ServerFactory } from './http/connections/server-factory.ts'
import { createSerializerBuilder } from './http/serializers.ts'
import { createValidatorCompiler } from './http/validation/validator.ts'
import auth from './plugins/auth.ts'
import closedQueries from './plugins/closed-queries.ts'
import closing from './plugins/closing.ts'
import commonHeaders from './plugins/common-headers.ts'
import components from './plugins/components.ts'
import crossOrigin from './plugins/cors.ts'
import documentation from './plugins/documentation.ts'
import errorHandler from './plugins/error-handler.ts'
import keyRing from './plugins/key-ring.ts'
import limits from './plugins/limits.ts'
import openapi from './plugins/openapi.ts'
import largeBodies from './plugins/large-bodies.ts'
import metrics from './plugins/metrics.ts'
import pace from './plugins/pace.ts'
import prisma from './plugins/prisma.ts'
import reads from './plugins/reads.ts'
import rateLimits from './plugins/rate-limit.ts'
import scopes from './plugins/scopes.ts'
import readiness from './plugins/readiness.ts'
import requestHead from './plugins/request-head.ts'
import reservations from './plugins/reservations.ts'
import sweeper from './plugins/sweeper.ts'
import tokens from './plugins/tokens.ts'
import tracing from './plugins/tracing.ts'
import routes from './routes/index.ts'

export interface AppOptions {
  /** Fastify's own option; by default pino at the configured level, to stdout. */
  logger?: FastifyServerOptions['logger']
}

/**
 * The whole service as one Fastify instance, for the server and the tests alike. It does not
 * listen, and needs no database before the first request.
 */
export async function buildApp(config: Config, options: AppOptions = {}) {
  const servers = new ServerFactory(config.http)
  const log = new RequestLog()
  const app = createInstance(config, servers, log, options)
  app.decorate('securityHeaders', await securityHeaders())
  if (servers.maxConnections < config.http.maxConnections) {
    app.log.warn(
      `MAX_CONNECTIONS is lowered to ${servers.maxConnections}: there are too few file descriptors`,
    )
  }
  app.setValidatorCompiler(createValidatorCompiler())
  parseJsonBodies(app)
  // JSON only: with the framework's parser for text, a text body would be 400 instead of 415.
  app.removeContentTypeParser('text/plain')

  await app.register(sensible)
  await app.register(tracing, { config })
  await app.register(pace, { turnOf: (request) => turnOf(request, app.keyRing) })
  await app.register(commonHeaders)
  await app.register(closing)
  await app.register(requestHead)
  await app.register(crossOrigin, { config })
  await app.register(errorHandler)
  await app.register(prisma, { config })
  await app.register(keyRing, { config })
  await app.register(limits, { config })
  await app.register(tokens, { config })
  await app.register(auth, { config })
  await app.register(rateLimits, { config })
  await app.register(scopes)
  await app.register(largeBodies)
  await app.register(closedQueries)
  await app.register(components)
  if (config.documentation.isOn) {
    await app.register(openapi)
    await app.register(documentation)
  }
  await app.register(metrics, { config })
  await app.register(reads, { config })
  await app.register(reservations, { config })
  await app.register(sweeper, { config })
  await app.register(readiness, { config })

  await app.register(routes, { config })

  // What is in flight is answered while the plugins still work; they close after it.
  app.addHook('preClose', () => servers.close())
  app.addHook('onClose', (_app, done) => {
    log.close()
    done()
  })
  return app
}

export type App = Awaited<ReturnType<typeof buildApp>>

function createInstance(
  config: Config,
  servers: ServerFactory,
  log: RequestLog,
  options: AppOptions,
) {
  const proxying = proxyingOf(config.http)
  const rewriteUrl = withoutBasePath(config.http.basePath)
  const app = Fastify({
    logger: withSafeErrors(options.logger ?? { level: config.logLevel }),
    logController: log,
    genReqId: requestIdOf,
    serverFactory: servers.create,
    clientErrorHandler: servers.onClientError,
    trustProxy: config.http.trustProxy === false ? false : proxying.trusts,
    ...(rewriteUrl !== undefined && { rewriteUrl }),
    // Raised before any route, so before any hook too.
    frameworkErrors: (error, request, reply) => {
      setCommonHeaders(request, reply)
      sendFailure(request, reply, classify(error, request))
    },
    bodyLimit: config.http.bodyLimitBytes,
    schemaController: { compilersFactory: { buildSerializer: createSerializerBuilder() } },
    // The predecessor's router forgave a trailing slash.
    routerOptions: { ignoreTrailingSlash: true },
    // Requests that arrive on open connections while we close are still served, with
    // `Connection: close`; the framework's own 503 has another envelope than ours.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.decorate('proxying', proxying)
  return app
}
