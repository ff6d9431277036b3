import { propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { CommandTrace, SpanReference } from '../../engine/traces.ts'
import type { RequestTrace } from '../../http/request-trace.ts'
import { epochClock } from './clock.ts'

/** The span of a request, to hang others on. */
export class RequestSpan implements RequestTrace {
  readonly #tracer: Tracer
  readonly #context: Context
  readonly #span: Span | undefined
  readonly traceId: string

  constructor(tracer: Tracer, context: Context) {
    this.#tracer = tracer
    this.#context = context
    this.#span = trace.getSpan(context)
    this.traceId = this.#span?.spanContext().traceId ?? ''
  }

  get command(): CommandTrace | undefined {
    const span = this.#span
    if (span?.isRecording() !== true) return undefined
    let turn = 0
    return {
      span: span.spanContext(),
      onTaken: (batch, arrivedAt, takenAt) => {
        turn += 1
        span.addLink({ context: batch })
        this.#addQueueSpan(batch, arrivedAt, takenAt, turn)
      },
    }
  }

  readonly ask: RequestTrace['ask'] = async (method, url, send) => {
    const { hostname } = new URL(url)
    const attributes = { 'http.request.method': method, 'server.address': hostname }
    const span = this.#tracer.startSpan(
      method,
      { kind: SpanKind.CLIENT, attributes },
      this.#context,
    )
    const headers: Record<string, string> = {}
    propagation.inject(trace.setSpan(this.#context, span), headers)
    try {
      return await send(headers)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  }

  /** From when the command came to when it was taken into a batch; on a later turn, that time too. */
  #addQueueSpan(batch: SpanReference, arrivedAt: number, takenAt: number, turn: number): void {
    const toEpoch = epochClock()
    const options = {
      startTime: toEpoch(arrivedAt),
      links: [{ context: batch }],
      attributes: { 'reservation.queue.turn': turn },
    }
    this.#tracer.startSpan('queue', options, this.#context).end(toEpoch(takenAt))
  }
}
