import { setTimeout as delay } from 'node:timers/promises'
import { diag, DiagLogLevel, propagation } from '@opentelemetry/api'
import type { Tracer, TracerProvider } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { FastifyBaseLogger } from 'fastify'
import { ReportedExporter } from './reported-exporter.ts'

const NAME = 'reservation-system-api'

/** How long the end of the process waits for a collector to take the last spans. */
const CLOSE_MS = 1500

export interface Sdk {
  /** Records the requests that the sampler chooses. */
  readonly provider: TracerProvider
  /** For what hangs on these requests. */
  readonly requests: Tracer
  /** Records whatever it is asked to. */
  readonly batches: Tracer
  /** Sends what has not been sent yet, if that takes no longer than {@link CLOSE_MS}. */
  readonly close: () => Promise<void>
}

/**
 * Loads and starts OpenTelemetry's SDK. It takes the standard's variables for the service's name, the
 * sampler, the queue of spans and the headers, timeout and compression of what it sends.
 *
 * Nothing is made the process's own but how a trace is handed on. In particular no context follows the
 * promises: on Node 20 every promise of the process would pay for that.
 *
 * @param url - that takes spans by OTLP/HTTP, in JSON
 */
export async function startSdk(url: string, log: FastifyBaseLogger): Promise<Sdk> {
  const { BasicTracerProvider, BatchSpanProcessor, AlwaysOnSampler } =
    await import('@opentelemetry/sdk-trace-base')
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
  const { W3CTraceContextPropagator } = await import('@opentelemetry/core')
  const resource = await describeService()
  // Without baggage: what anybody may write there is not for us to hand on.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  const tellsOfVariables = diag.setLogger(diagnosticsTo(log), DiagLogLevel.WARN)
  try {
    const exporter = new ReportedExporter(new OTLPTraceExporter({ url }), log)
    const processor = new BatchSpanProcessor(exporter)
    const spanProcessors = [processor]
    const provider = new BasicTracerProvider({ resource, spanProcessors })
    // A batch is recorded where a request is: the sampler would choose others.
    const sampler = new AlwaysOnSampler()
    const batches = new BasicTracerProvider({ resource, spanProcessors, sampler }).getTracer(NAME)
    const close = (): Promise<void> => closeWithin(CLOSE_MS, processor, exporter)
    return { provider, requests: provider.getTracer(NAME), batches, close }
  } finally {
    // Later it would speak of single spans; failures to export are told by the exporter.
    if (tellsOfVariables) diag.disable()
  }
}

async function describeService() {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } =
    await import('@opentelemetry/resources')
  const ours = resourceFromAttributes({ 'service.name': NAME })
  return defaultResource()
    .merge(ours)
    .merge(detectResources({ detectors: [envDetector] }))
}

function diagnosticsTo(log: FastifyBaseLogger) {
  const ignore = (): void => undefined
  const warn = (message: string): void => {
    log.warn(`OpenTelemetry: ${message}`)
  }
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
}

async function closeWithin(
  timeoutMs: number,
  processor: SpanProcessor,
  exporter: ReportedExporter,
): Promise<void> {
  const waiting = new AbortController()
  const tooLate = delay(timeoutMs, true, { signal: waiting.signal }).catch(() => false)
  // Why it fails has been told.
  const flushed = processor.shutdown().then(
    () => false,
    () => false,
  )
  const isLate = await Promise.race([flushed, tooLate])
  waiting.abort()
  if (isLate) exporter.onFailure(new Error('the last spans were not taken in time'))
}
