import type { Socket } from 'node:net'
import { ByteFeed } from './byte-feed.ts'
import { lastWordsAfter } from './client-error.ts'
import { watchDeparture } from './departure.ts'
import { DueAnswers } from './due-answers.ts'
import { LastWords } from './last-words.ts'
import { endLingering, lingerForNode } from './linger.ts'
import { tellBroken } from './own-time.ts'
import { dropRest } from './rest.ts'
import { Stall } from './stall.ts'
import type { Response, Surroundings } from './surroundings.ts'
import { MAX_UNWANTED_BYTES, Unwanted } from './unwanted.ts'
import { closeAfterUpgrade } from './upgrade.ts'

/** What is taken of a request behind a last answer; `REQUEST_TIMEOUT_MS` may end it before. */
const REST = { maxBytes: MAX_UNWANTED_BYTES, timeoutMs: 10_000 }

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
  readonly #answers = new DueAnswers()
  /** No further request counts. */
  #isEnding = false
  #lastWords: LastWords | undefined
  readonly #stall = new Stall()
  readonly #unwanted = new Unwanted()

  constructor(socket: Socket, surroundings: Surroundings) {
    this.#socket = socket
    this.#surroundings = surroundings
    this.#feed = new ByteFeed(socket, this.#mayReceive)
    lingerForNode(socket, this.#endUnread)
    socket.on('end', () => {
      watchDeparture(socket, () => this.#answers.due)
    })
  }

  /** For how many looks it has waited for its client, without a further request's turn. */
  get stalledLooks(): number {
    return this.#stall.looks
  }

  /** Requests that are parsed and wait for their turn. */
  get heldRequests(): number {
    return this.#answers.held
  }

  /** Takes a request that Node has parsed: its turn is now or later. */
  receive(response: Response): void {
    // What was sent behind an answer with `Connection: close` is not looked at.
    if (this.#isEnding || this.#socket.writableEnded) return
    if (response.req.headers.upgrade !== undefined) {
      this.#isEnding = true
      closeAfterUpgrade(response, this.#discard)
    }
    if (this.#answers.isIdle) {
      this.#take(response)
      this.#surroundings.handle(response.req, response)
    } else {
      this.#answers.hold(response)
      this.readInSlices()
      this.#surroundings.countHeld(1)
    }
  }

  /** Reads from now on no more at once than can be stopped at. */
  readInSlices(): void {
    if (this.#feed.isTaken) return
    this.#feed.takeOver()
    this.#answers.due?.on('close', this.#onAnswered)
  }

  /** Ends the connection because of bytes that are no request, once what is due before has left. */
  fail(code: string | undefined): void {
    if (this.#isEnding) return
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && this.#answers.latestKeepsOwnTime) return
    this.#isEnding = true
    this.#lastWords = this.#lastWordsFor(code)
    this.readInSlices()
    this.#feed.discard()
    this.#advance()
  }

  /** To be called now and then: counts the looks without progress, and ends what takes too much. */
  look(): void {
    this.#answers.forgetLast()
    this.#stall.look(this.#socket, this.#answers.due)
    this.#unwanted.look(this.#socket, this.#answers.early)
  }

  /** Forgets what waits; called once the socket has closed. */
  clear(): void {
    this.#isEnding = true
    this.#surroundings.countHeld(-this.#answers.held)
    this.#answers.dropHeld()
  }

  // The body of a request that waits would only fill the memory.
  readonly #mayReceive = (): boolean => {
    const { latest, isIdle, held } = this.#answers
    if (latest?.req.complete === false) return held === 0
    return isIdle || held + 1 < this.#surroundings.maxDue()
  }

  // Where a route keeps its request's time, it knows for how long to linger.
  readonly #endUnread = (): boolean => {
    const { latest, latestKeepsOwnTime } = this.#answers
    if (latest?.req.complete !== false) return false
    if (!latestKeepsOwnTime) endLingering(this.#socket, '', dropRest(latest.req, REST))
    return true
  }

  readonly #discard = (): void => {
    this.#feed.discard()
  }

  #take(response: Response): void {
    this.#answers.begin(response)
    this.#stall.onTurn()
    if (this.#feed.isTaken) response.on('close', this.#onAnswered)
  }

  readonly #onAnswered = (): void => {
    if (this.#socket.destroyed) return
    if (this.#socket.writableEnded) this.clear()
    else this.#advance()
  }

  #advance(): void {
    const next = this.#answers.next()
    if (next !== undefined) {
      this.#take(next)
      this.#surroundings.countHeld(-1)
      // In slices with all others: a row of requests that are answered at once would hold them up.
      this.#surroundings.takeTurn(this.#startNext)
    }
    if (this.#lastWords === undefined) this.#feed.goOn()
    else this.#lastWords.send(this.#socket, this.#answers.due)
  }

  readonly #startNext = (): void => {
    const next = this.#answers.due
    if (next !== undefined && !this.#socket.destroyed) this.#surroundings.handle(next.req, next)
  }

  #lastWordsFor(code: string | undefined): LastWords {
    const text = lastWordsAfter(code, this.#feed.isPaused)
    const last = this.#answers.latest
    if (last?.req.complete !== false) return new LastWords(text)
    // It has its answer, without its whole body, or its route tells of it; a second one would be taken for the next.
    if (last.closed || tellBroken(last.req)) return new LastWords('')
    if (this.#answers.dropLast() === undefined) return new LastWords(text, last)
    this.#surroundings.countHeld(-1)
    return new LastWords(text)
  }
}
