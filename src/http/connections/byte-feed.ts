import type { Socket } from 'node:net'
import { MAX_UNWANTED_BYTES } from './unwanted.ts'

/** Small enough for few requests to be in it, large enough for a body to take few calls. */
const SLICE_BYTES = 256

type Listener = ReturnType<Socket['listeners']>[number]

/**
 * Stands between a socket and Node's parser. By itself Node reads 64 KB and hands over every request
 * in them, 2,000 perhaps, before anybody can say that it is enough. Here the parser gets small
 * slices, and the rest stays in the socket while no more may come.
 *
 * Node's own way, in which the parser reads from the handle without any JavaScript, costs 3 to 5 µs
 * a request less (a fifth of a bare route). So a connection keeps it until it pipelines, or until
 * others pipeline so much that one more such piece would be felt.
 */
export class ByteFeed {
  readonly #socket: Socket
  readonly #isOpen: () => boolean
  #isTaken = false
  #parse: Listener | undefined
  #isPaused = false
  #isDiscarding = false
  #discardedBytes = 0

  /** @param isOpen - whether the parser may have more */
  constructor(socket: Socket, isOpen: () => boolean) {
    this.#socket = socket
    this.#isOpen = isOpen
  }

  /** Whether bytes wait because of `isOpen`. Node may resume the socket on its own, to read a body. */
  get isPaused(): boolean {
    return this.#isPaused && this.#socket.isPaused()
  }

  /** Whether `takeOver` has been called. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** Takes the bytes over from Node; what Node is parsing at this moment it parses to the end. */
  takeOver(): void {
    if (this.#isTaken) return
    this.#isTaken = true
    process.nextTick(this.#replaceParser)
  }

  /** Goes on where it stopped, if it may. */
  goOn(): void {
    if (!this.#isPaused || !(this.#isDiscarding || this.#isOpen())) return
    this.#isPaused = false
    this.#socket.resume()
  }

  /** Reads from now on only to learn of the connection's end: the bytes are dropped, up to a bound. */
  discard(): void {
    this.#isDiscarding = true
    this.takeOver()
    this.goOn()
  }

  readonly #replaceParser = (): void => {
    const socket = this.#socket
    if (socket.destroyed) return
    // Node has stopped reading, since answers wait to be sent. Only its own way can start it again.
    if (socket.isPaused()) {
      socket.once('resume', () => {
        process.nextTick(this.#replaceParser)
      })
      return
    }
    // Node's parser, by a way that it does not document: it is the only listener of a server's socket.
    // After CONNECT, there is none any more.
    this.#parse = socket.listeners('data')[0]
    socket.removeAllListeners('data')
    // A listener of somebody else makes Node give up reading from the handle.
    socket.on('data', this.#receive)
    if (!this.#isDiscarding && !this.#isOpen()) this.#pause()
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#isPaused = false
    if (this.#isDiscarding) this.#drop(chunk)
    let rest = chunk
    while (rest.length > 0 && !this.#isDiscarding) {
      if (!this.#isOpen()) {
        this.#pause()
        this.#socket.unshift(rest)
        return
      }
      this.#parse?.call(this.#socket, rest.subarray(0, SLICE_BYTES))
      rest = rest.subarray(SLICE_BYTES)
      // Node itself has paused: it goes on when what it waits for has left.
      if (this.#socket.isPaused() && rest.length > 0) {
        this.#socket.unshift(rest)
        return
      }
    }
  }

  #drop(chunk: Buffer): void {
    this.#discardedBytes += chunk.length
    if (this.#discardedBytes > MAX_UNWANTED_BYTES) this.#socket.destroy()
  }

  #pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }
}
