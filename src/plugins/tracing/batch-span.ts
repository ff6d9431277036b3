import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { BatchObservation } from '../../engine/group-commit-options.ts'
import type { BatchKind, TransactionObservation } from '../../engine/observer.ts'
import { STEPS } from '../../engine/steps.ts'
import type { BatchTrace, CommandTrace } from '../../engine/traces.ts'
import { epochClock } from './clock.ts'

/** Requests that a batch leads to; each of them leads to the batch in any case. */
const MAX_LINKS = 128

const NAMES = { decide: 'batch', screen: 'screen' } as const satisfies Record<BatchKind, string>

/**
 * The span of a batch, with those of its transactions' steps. It is a trace of its own, as it belongs to
 * many requests; there is none where none of them is recorded. It names no event, tenant or user: the
 * requests that it leads to do as far as the log does.
 */
export class BatchSpan implements BatchTrace {
  readonly #tracer: Tracer
  readonly #kind: BatchKind
  readonly #startedAt = performance.now()
  readonly #toEpoch = epochClock()
  #span: Span | undefined
  #links = 0
  #tries = 0

  /** @param tracer - one that records all that it is asked to */
  constructor(tracer: Tracer, kind: BatchKind) {
    this.#tracer = tracer
    this.#kind = kind
  }

  readonly onTaken = (command: CommandTrace, arrivedAt: number): void => {
    const span = (this.#span ??= this.#begin())
    if (this.#links < MAX_LINKS) {
      this.#links += 1
      span.addLink({ context: command.span })
    }
    command.onTaken(span.spanContext(), arrivedAt, performance.now())
  }

  readonly onTransaction = (transaction: TransactionObservation): void => {
    this.#tries += 1
    if (this.#span === undefined) return
    const { clock, endedAt, failure } = transaction
    const context = trace.setSpan(ROOT_CONTEXT, this.#span)
    for (const { step, startedAt, endedAt } of clock.ended) {
      this.#addStep(context, step, startedAt).end(this.#toEpoch(endedAt))
    }
    if (failure === null) return
    const failed = this.#addStep(context, STEPS[clock.ended.length] ?? 'commit', clock.startedAt)
    failed.setAttributes({ 'error.type': failure.kind, 'reservation.stage': failure.stage })
    failed.setStatus({ code: SpanStatusCode.ERROR }).end(this.#toEpoch(endedAt))
  }

  readonly onEnded = ({ mode, size, keys, queued, waitedMs }: BatchObservation): void => {
    this.#span?.setAttributes({
      'reservation.batch.mode': mode,
      'reservation.batch.size': size,
      'reservation.batch.keys': keys,
      'reservation.batch.tries': this.#tries,
      'reservation.batch.waited_ms': waitedMs,
      'reservation.queue.length': queued,
    })
    this.#span?.end(this.#toEpoch(performance.now()))
  }

  #begin(): Span {
    const startTime = this.#toEpoch(this.#startedAt)
    return this.#tracer.startSpan(NAMES[this.#kind], { startTime, root: true }, ROOT_CONTEXT)
  }

  #addStep(context: Context, name: string, startedAt: number): Span {
    const attributes = { 'reservation.batch.try': this.#tries }
    const startTime = this.#toEpoch(startedAt)
    return this.#tracer.startSpan(name, { startTime, attributes }, context)
  }
}
