import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ByteFeed } from './byte-feed.ts'
import { closingAnswer, codeOfClientError } from './client-error.ts'
import { watchDeparture } from './departure.ts'
import { endLingering } from './linger.ts'

/** What a connection knows of the others. */
export interface Surroundings {
  readonly handle: RequestListener
  /**
   * How many requests of one connection may be due, parsed and without a whole answer, when more
   * of it is read. A piece that is read may bring it above that.
   */
  readonly maxDue: () => number
  /** Called with the change in how many parsed requests wait for their turn. */
  readonly countHeld: (change: number) => void
  /** Calls back when it is the turn of a request that has waited. */
  readonly takeTurn: (start: () => void) => void
}

type Response = ServerResponse & { req: IncomingMessage }

/**
 * The connection of one client. Its requests are carried out one after the other: the next one
 * begins when the answer before it has left whole. So no more than one answer is unread, and what
 * was sent first takes effect first (RFC 9112, 9.3.2). The next ones wait, some of them parsed: those
 * in the 64 KB in which the client began to pipeline, from then on few.
 *
 * Of clients that do not pipeline, each request costs no more than a look at the one before it.
 */
export class Connection {
  readonly #socket: Socket
  readonly #surroundings: Surroundings
  readonly #feed: ByteFeed
  /** The latest one whose turn has come; its answer may have left. */
  #current: Response | undefined
  /** Those behind it, in order. */
  readonly #held: Response[] = []
  /** No further request counts. */
  #isEnding = false
  /** What is sent when the answers before it have left; empty to close alone. */
  #lastWords: string | undefined
  /** The answer due to what did not parse, if its turn had come. */
  #broken: Response | undefined
  /** A request's turn has come since the last look; or it was opened, with time for its first one. */
  #hasAdvanced = true
  #stalledLooks = 0

  constructor(socket: Socket, surroundings: Surroundings) {
    this.#socket = socket
    this.#surroundings = surroundings
    this.#feed = new ByteFeed(socket, this.#mayReceive)
    socket.on('end', () => {
      watchDeparture(socket, () => this.#answerDue)
    })
  }

  /** For how many looks it has waited for its client, without a further request's turn. */
  get stalledLooks(): number {
    return this.#stalledLooks
  }

  /** Requests that are parsed and wait for their turn. */
  get heldRequests(): number {
    return this.#held.length
  }

  /** Takes a request that Node has parsed: its turn is now or later. */
  receive(response: Response): void {
    // What was sent behind an answer with `Connection: close` is not looked at.
    if (this.#isEnding || this.#socket.writableEnded) return
    if (response.req.headers.upgrade !== undefined) this.#endAfter(response)
    if (this.#answerDue === undefined) {
      this.#take(response)
      this.#surroundings.handle(response.req, response)
    } else {
      this.#held.push(response)
      this.readInSlices()
      this.#surroundings.countHeld(1)
    }
  }

  /** Reads from now on no more at once than can be stopped at. */
  readInSlices(): void {
    if (this.#feed.isTaken) return
    this.#feed.takeOver()
    this.#current?.on('close', this.#onAnswered)
  }

  /** Ends the connection because of bytes that are no request, once what is due before has left. */
  fail(code: string | undefined): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#lastWords = this.#isSilent(code) ? '' : closingAnswer(codeOfClientError(code))
    const last = this.#latest
    if (last?.req.complete === false) {
      // It has its answer, without its whole body; a second one would be taken for the next.
      if (last.closed) this.#lastWords = ''
      else if (this.#held.pop() === undefined) this.#broken = last
      else this.#surroundings.countHeld(-1)
    }
    this.readInSlices()
    this.#feed.discard()
    this.#advance()
  }

  /**
   * To be called now and then: counts the looks without progress, which only a whole request is, so
   * that a trickle of bytes is none.
   */
  look(): void {
    // Idle connections keep no request in memory.
    if (this.#current?.closed === true && this.#current.req.complete) this.#current = undefined
    const isStalled = this.#waitsForClient && !this.#hasAdvanced
    this.#stalledLooks = isStalled ? this.#stalledLooks + 1 : 0
    this.#hasAdvanced = false
  }

  /** Forgets what waits; called once the socket has closed. */
  clear(): void {
    this.#isEnding = true
    this.#surroundings.countHeld(-this.#held.length)
    this.#held.length = 0
  }

  // Where nothing waits behind it, nobody listens for an answer's end: hence the question.
  get #answerDue(): Response | undefined {
    return this.#current?.closed === false ? this.#current : undefined
  }

  get #isIdle(): boolean {
    return this.#answerDue === undefined
  }

  // For a request, for the rest of one, or for an answer to be read.
  get #waitsForClient(): boolean {
    const due = this.#answerDue
    if (due?.req.complete !== true) return true
    return due.writableEnded || this.#socket.writableNeedDrain
  }

  get #latest(): Response | undefined {
    return this.#held.at(-1) ?? this.#current
  }

  // Bytes behind `Connection: close` are nobody's. A request that we ourselves left unread until its
  // time was over is not the client's fault, as 408 would have it.
  #isSilent(code: string | undefined): boolean {
    if (code === 'HPE_CLOSED_CONNECTION') return true
    return code === 'ERR_HTTP_REQUEST_TIMEOUT' && this.#feed.isPaused
  }

  // The body of a request that waits would only fill the memory.
  readonly #mayReceive = (): boolean => {
    if (this.#latest?.req.complete === false) return this.#held.length === 0
    return this.#isIdle || this.#held.length + 1 < this.#surroundings.maxDue()
  }

  // We never change the protocol, but Node's parser believes it has ended with such a request: it
  // drops the bytes behind it up to the end of the piece, and then takes what may be the middle of a
  // body for a request. So nothing behind it counts, which `Connection: close` says.
  #endAfter(response: Response): void {
    response.shouldKeepAlive = false
    this.#isEnding = true
    const discard = (): void => {
      this.#feed.discard()
    }
    // Whether it has a body is known once its piece is parsed.
    process.nextTick(() => {
      if (response.req.complete) discard()
      else response.req.once('end', discard)
    })
  }

  #take(response: Response): void {
    this.#current = response
    this.#hasAdvanced = true
    if (this.#feed.isTaken) response.on('close', this.#onAnswered)
  }

  readonly #onAnswered = (): void => {
    if (this.#socket.destroyed) return
    if (this.#socket.writableEnded) this.clear()
    else this.#advance()
  }

  #advance(): void {
    const next = this.#isIdle ? this.#held.shift() : undefined
    if (next !== undefined) {
      this.#take(next)
      this.#surroundings.countHeld(-1)
      // In slices with all others: a row of requests that are answered at once would hold them up.
      this.#surroundings.takeTurn(this.#startNext)
    }
    if (this.#lastWords === undefined) this.#feed.goOn()
    else this.#end(this.#lastWords)
  }

  readonly #startNext = (): void => {
    const next = this.#answerDue
    if (next !== undefined && !this.#socket.destroyed) this.#surroundings.handle(next.req, next)
  }

  #end(lastWords: string): void {
    const due = this.#answerDue
    if (due !== undefined && (due !== this.#broken || due.headersSent)) return
    // What was broken off has been answered by itself.
    const hasAnswer = due === undefined && this.#broken !== undefined
    endLingering(this.#socket, hasAnswer ? '' : lastWords)
  }
}
