import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import type { EngineObserver } from '../engine/observer.ts'
import type { RequestTrace } from '../http/request-trace.ts'
import { BatchSpan } from './tracing/batch-span.ts'
import { describeRequest } from './tracing/describe-request.ts'
import { RequestSpan } from './tracing/request-span.ts'
import { startSdk, type Sdk } from './tracing/sdk.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** To be told what the engine does; null where nothing is traced, which then costs nothing either. */
    tracing: Pick<EngineObserver, 'follow'> | null
  }
}

/**
 * Traces the requests of the API and the batches that carry out their commands, and sends that to an
 * OpenTelemetry collector. To be registered before whatever takes a request's time.
 */
async function tracing(
  app: FastifyInstance,
  { config }: { config: Pick<Config, 'tracing'> },
): Promise<void> {
  if (config.tracing === null) {
    app.decorate('tracing', null)
    app.decorateRequest('trace', { getter: () => null })
    return
  }
  const sdk = await startSdk(config.tracing.url, app.log)
  app.addHook('onClose', () => sdk.close())
  app.decorate('tracing', { follow: (kind) => new BatchSpan(sdk.batches, kind) })
  await instrument(app, sdk)
  app.decorateRequest('trace', {
    getter() {
      return traceOf(this, sdk)
    },
  })
}

/** One span for each request: spans of hooks and handlers would be a dozen more that say little. */
async function instrument(app: FastifyInstance, { provider }: Sdk): Promise<void> {
  const { FastifyOtelInstrumentation } = await import('@fastify/otel')
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    instrumentHandler: false,
    // Their texts may have values in them.
    recordExceptions: false,
    // Probes and metrics, and whoever looks for holes.
    ignorePaths: ({ url }) => !url.startsWith('/api/'),
    requestHook: describeRequest,
  })
  instrumentation.setTracerProvider(provider)
  await app.register(instrumentation.plugin())
}

function traceOf(request: FastifyRequest, { requests }: Sdk): RequestTrace | null {
  const { context } = request.opentelemetry()
  // Null too, whatever its type says: before the hook, and where the path is ignored.
  return context ? new RequestSpan(requests, context) : null
}

export default fp(tracing, { name: 'tracing', fastify: '5.x' })
