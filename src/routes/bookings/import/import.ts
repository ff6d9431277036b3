import { PassThrough, Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { originOf } from '../../../http/answer.ts'
import { classify } from '../../../http/classify.ts'
import { dropRest, type RestBounds } from '../../../http/connections/rest.ts'
import { HttpError } from '../../../http/errors.ts'
import { failureOf, type Failure } from '../../../http/failure.ts'
import { idempotentLineOf } from '../../../http/idempotency.ts'
import { Exchange, type Answerer, type ExchangeBounds } from '../../../http/ndjson/exchange.ts'
import { linesOf, type Line } from '../../../http/ndjson/lines.ts'
import { whileRead } from '../../../http/ndjson/unread.ts'
import { failureFor } from '../../../http/refusal.ts'
import { reserveCommand } from '../reserve.ts'
import { watchEndings, type Endings } from './endings.ts'
import { endLine, failureLine, logFailure, successLine } from './line-answers.ts'
import type { lineReader } from './line-input.ts'
import { patiently } from './patience.ts'

export interface ImportBounds extends ExchangeBounds, Endings {
  readonly maxLineBytes: number
  /** How long the client may take no answer that it could. */
  readonly answerTimeoutMs: number
  /** What is taken of a body after an early end. */
  readonly rest: RestBounds
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
  /** The body as far as it is looked at: what is behind an early end never gets here. */
  readonly #body = new PassThrough()
  #rest: Promise<void> | undefined

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
    asked.request.raw.pipe(this.#body)
    const { maxLines, maxLineBytes } = bounds
    const answerer = {
      answer: this.#answer,
      tellEnd: this.#tellEnd,
      tooMany: () => new HttpError('payload_too_large', { text: TOO_MANY(maxLines) }),
      tooLate: () => new HttpError('request_timeout', { text: TOO_LATE }),
    }
    this.#exchange = new Exchange(linesOf(this.#body, maxLineBytes), answerer, bounds)
  }

  /** The answers, which have to be read, or destroyed. */
  open(): Readable {
    const { request } = this.#asked
    const { answerTimeoutMs } = this.#bounds
    const answers = whileRead(this.#exchange.answers(), answerTimeoutMs, () => {
      request.socket.destroy()
    })
    const stream = Readable.from(answers.texts, {
      objectMode: false,
      highWaterMark: MAX_UNREAD_BYTES,
    })
    const release = watchEndings(this.#app, request, this.#bounds, this.#stop)
    stream.once('close', () => {
      release()
      answers.onRead()
      this.#stopping.abort()
    })
    return stream
  }

  /** Settles when the rest of the body has been dropped; undefined where it was read to its end. */
  get rest(): Promise<void> | undefined {
    return this.#rest
  }

  readonly #stop = (why: unknown): void => {
    this.#stopping.abort()
    this.#exchange.stop(why)
  }

  readonly #answer: Answerer['answer'] = async (number, line, giveTime) => {
    try {
      return await this.#carryOut(number, line, giveTime)
    } catch (error) {
      const failure = classify(error, this.#asked.request)
      // What fails for itself alone is 500; this would befall the lines behind too, each after its time.
      if (failure.status === 503) this.#stop(error)
      this.#log(number, failure)
      return failureLine(number, failure)
    }
  }

  async #carryOut(number: number, line: Line, giveTime: () => void): Promise<string> {
    const { request, eventId, key } = this.#asked
    const input = this.#readLine(request, eventId, line)
    giveTime()
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
    request.raw.unpipe(this.#body)
    this.#body.destroy()
    this.#rest = dropRest(request.raw, this.#bounds.rest)
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
const TOO_LATE = 'The line took too long to arrive, or those before it did'
/** Nobody is told. */
const GONE = failureOf('request_timeout')
