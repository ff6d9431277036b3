import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { originOf } from '../../../http/answer.ts'
import { classify } from '../../../http/classify.ts'
import { HttpError } from '../../../http/errors.ts'
import { failureOf, type Failure } from '../../../http/failure.ts'
import { idempotentLineOf } from '../../../http/idempotency.ts'
import { Exchange, type ExchangeBounds } from '../../../http/ndjson/exchange.ts'
import { linesOf, type Line } from '../../../http/ndjson/lines.ts'
import { failureFor } from '../../../http/refusal.ts'
import { reserveCommand } from '../reserve.ts'
import { endLine, failureLine, logFailure, successLine } from './line-answers.ts'
import type { lineReader } from './line-input.ts'
import { patiently } from './patience.ts'

export interface ImportBounds extends ExchangeBounds {
  readonly maxLineBytes: number
  /** From the request to the last line that is begun. */
  readonly maxDurationMs: number
}

/** An import as it was asked for. */
export interface AskedImport {
  readonly request: FastifyRequest
  readonly eventId: number
  /** The request's `Idempotency-Key`. */
  readonly key: string
}

/** Bytes of answers that nobody has taken yet from the stream. */
const MAX_UNREAD_BYTES = 64 * 1024

/** Carries out one import: each line as a request of its own. */
export class Import {
  readonly #app: FastifyInstance
  readonly #asked: AskedImport
  readonly #readLine: ReturnType<typeof lineReader>
  readonly #bounds: ImportBounds
  readonly #exchange: Exchange
  readonly #stopping = new AbortController()

  constructor(
    app: FastifyInstance,
    asked: AskedImport,
    readLine: ReturnType<typeof lineReader>,
    bounds: ImportBounds,
  ) {
    this.#app = app
    this.#asked = asked
    this.#readLine = readLine
    this.#bounds = bounds
    // Destroyed, the request would take its connection along, and with it the last answer.
    const chunks = asked.request.raw.iterator({ destroyOnReturn: false })
    const { maxLines, maxLineBytes } = bounds
    const answerer = {
      answer: this.#answer,
      tellEnd: this.#tellEnd,
      tooMany: () => new HttpError('payload_too_large', { text: TOO_MANY(maxLines) }),
      tooLate: () => new HttpError('request_timeout', { text: 'The line took too long to arrive' }),
    }
    this.#exchange = new Exchange(linesOf(chunks, maxLineBytes), answerer, bounds)
  }

  /** The answers, which have to be read, or destroyed. */
  open(): Readable {
    const answers = this.#exchange.answers()
    const stream = Readable.from(answers, { objectMode: false, highWaterMark: MAX_UNREAD_BYTES })
    const { closing } = this.#app
    const { socket } = this.#asked.request
    const onClosing = (): void => {
      this.#stop(closing.reason)
    }
    closing.addEventListener('abort', onClosing)
    // Nobody waits for what would be tried again.
    const onGone = (): void => {
      this.#stop(new Error('the client has gone'))
    }
    socket.once('close', onGone)
    const timer = setTimeout(() => {
      this.#stop(new HttpError('request_timeout', { text: TOO_LONG }))
    }, this.#bounds.maxDurationMs)
    stream.once('close', () => {
      clearTimeout(timer)
      closing.removeEventListener('abort', onClosing)
      socket.removeListener('close', onGone)
      this.#stopping.abort()
    })
    return stream
  }

  #stop(why: unknown): void {
    this.#stopping.abort()
    this.#exchange.stop(why)
  }

  readonly #answer = async (number: number, line: Line): Promise<string> => {
    try {
      return await this.#carryOut(number, line)
    } catch (error) {
      const failure = classify(error, this.#asked.request)
      // What fails for itself alone is 500; this would befall the lines behind too, each after its time.
      if (failure.status === 503) this.#stop(error)
      this.#log(number, failure)
      return failureLine(number, failure)
    }
  }

  async #carryOut(number: number, line: Line): Promise<string> {
    const { request, eventId, key } = this.#asked
    const input = this.#readLine(request, eventId, line)
    const command = reserveCommand(eventId, input, originOf(request))
    const options = {
      idempotency: idempotentLineOf(request, key, { number, body: input }),
      isAbandoned: () => request.socket.destroyed,
    }
    const execute = () => this.#app.reservations.execute(command, options)
    const { outcome, isReplayed } = await patiently(execute, this.#stopping.signal)
    if (outcome.kind !== 'refused') return successLine(number, outcome, isReplayed)
    // No line behind can come out otherwise, however many there are.
    if (outcome.refusal === 'event_not_found') this.#stop(new HttpError('event_not_found'))
    return failureLine(number, failureFor(outcome))
  }

  readonly #tellEnd = (number: number, why: unknown): string => {
    const { request } = this.#asked
    const failure: Failure = request.socket.destroyed ? GONE : classify(why, request)
    this.#log(number, failure)
    return endLine(number, failure)
  }

  #log(number: number, failure: Failure): void {
    const { log, socket } = this.#asked.request
    // Where the client has gone every line fails that was under way.
    if (!socket.destroyed) logFailure(log, number, failure)
  }
}

const TOO_MANY = (maxLines: number): string => `An import must have at most ${maxLines} lines`
const TOO_LONG = 'The import took too long'
/** Nobody is told. */
const GONE = failureOf('request_timeout')
