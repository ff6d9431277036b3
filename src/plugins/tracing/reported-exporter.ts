import { SpanStatusCode, type SpanStatus } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { FastifyBaseLogger } from 'fastify'

/**
 * Exports spans, and has one line in the log when that begins to fail, and one when it works again. Of
 * errors it exports that there was one: their texts may have values in them.
 */
export class ReportedExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  readonly #log: Pick<FastifyBaseLogger, 'info' | 'warn'>
  #isFailing = false

  constructor(exporter: SpanExporter, log: Pick<FastifyBaseLogger, 'info' | 'warn'>) {
    this.#exporter = exporter
    this.#log = log
  }

  export(...[spans, tell]: Parameters<SpanExporter['export']>): void {
    this.#exporter.export(spans.map(withoutTexts), (result) => {
      if (result.error !== undefined) this.onFailure(result.error)
      else this.#onSuccess()
      tell(result)
    })
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  /** Traces are being lost. */
  onFailure(err: Error): void {
    if (!this.#isFailing) this.#log.warn({ err }, 'traces cannot be exported')
    this.#isFailing = true
  }

  #onSuccess(): void {
    if (this.#isFailing) this.#log.info('traces are exported again')
    this.#isFailing = false
  }
}

function withoutTexts(span: ReadableSpan): ReadableSpan {
  if (span.status.code !== SpanStatusCode.ERROR) return span
  const status = { code: isOurs(span) ? SpanStatusCode.ERROR : SpanStatusCode.UNSET }
  return withStatus(span, status)
}

/** An answer below 500 is no error of the server's, by OpenTelemetry's conventions for HTTP. */
function isOurs({ attributes: { 'http.response.status_code': answered } }: ReadableSpan): boolean {
  return typeof answered !== 'number' || answered >= 500
}

/** A span's own status can't be taken back. */
function withStatus(span: ReadableSpan, status: SpanStatus): ReadableSpan {
  return new Proxy(span, {
    get: (target, name): unknown => (name === 'status' ? status : Reflect.get(target, name)),
  })
}
