import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { closingAnswer } from './client-error.ts'
import { ByteFeed } from './byte-feed.ts'
import { Connection } from './connection.ts'
import { endLingering } from './linger.ts'
import { Patrol } from './patrol.ts'
import { originForm } from './request-head.ts'
import { TimeSlices } from './time-slices.ts'

/** Parsed requests, over all connections, that wait for their turn: some 4 KB each. */
const MAX_HELD_REQUESTS = 10_000
/** From so many on, each connection is read as if it pipelined: 64 KB at once take Node 20 ms. */
const WARY_FROM_HELD = 500
/** How long connections that are opened after that are read so from their start. */
const WARY_MS = 60_000
/** So many more, as a part of the connections, are given time to read that there are too many. */
const REFUSED_PART = 0.1

export interface ConnectionBounds {
  /** Most open connections. */
  readonly maxConnections: number
  /** Most requests of one connection that are due when more of it is read. */
  readonly maxDue: number
}

/** The open connections of the process, over all its servers, and what they may take together. */
export class Connections {
  readonly #bounds: ConnectionBounds
  readonly #all = new Map<Socket, Connection>()
  readonly #patrol: Patrol
  readonly #slices = new TimeSlices()
  #heldRequests = 0
  #waryUntilMs = 0
  #refused = 0

  constructor(bounds: ConnectionBounds) {
    this.#bounds = bounds
    this.#patrol = new Patrol(this.#all, bounds.maxConnections)
  }

  /** Watches the connections of a server, whose requests `handle` answers. */
  watch(server: Server, handle: RequestListener): void {
    const { maxConnections } = this.#bounds
    const surroundings = {
      handle,
      maxDue: this.#maxDue,
      countHeld: this.#countHeld,
      takeTurn: this.#slices.add,
    }
    server.on('connection', (socket) => {
      if (this.#all.size >= maxConnections) this.#refuse(socket)
      else this.#admit(socket, new Connection(socket, surroundings))
    })
    // Node would close without a word, and without the answers that are due before it.
    server.on('connect', ({ socket }) => this.#all.get(socket)?.fail('CONNECT'))
    server.on('listening', () => {
      this.#patrol.start()
    })
  }

  /** To be called with every request that Node has parsed. */
  readonly receive = (
    request: IncomingMessage,
    response: ServerResponse & { req: IncomingMessage },
  ): void => {
    const { url = '/' } = request
    if (!url.startsWith('/')) request.url = originForm(url)
    this.#all.get(request.socket)?.receive(response)
  }

  /** To be called with what Node reports of a connection as wrong. */
  readonly fail = ({ code }: Error & { code?: string }, socket: Socket): void => {
    const connection = this.#all.get(socket)
    if (code === 'ECONNRESET' || connection === undefined) socket.destroy()
    else if (!socket.destroyed) connection.fail(code)
  }

  /** From now on connections that only wait for their client are cut: the servers are to close. */
  hurry(): void {
    this.#patrol.hurry()
  }

  /** Ends the patrol, once the servers have closed. */
  close(): void {
    this.#patrol.stop()
  }

  #admit(socket: Socket, connection: Connection): void {
    this.#all.set(socket, connection)
    if (performance.now() < this.#waryUntilMs) connection.readInSlices()
    socket.once('close', () => {
      this.#all.delete(socket)
      connection.clear()
    })
  }

  #refuse(socket: Socket): void {
    if (this.#refused >= this.#bounds.maxConnections * REFUSED_PART) {
      socket.write(closingAnswer('overloaded'))
      socket.destroySoon()
      return
    }
    this.#refused += 1
    socket.once('close', () => (this.#refused -= 1))
    new ByteFeed(socket, () => false).discard()
    endLingering(socket, closingAnswer('overloaded'))
  }

  readonly #countHeld = (change: number): void => {
    this.#heldRequests += change
    if (change < 0 || this.#heldRequests < WARY_FROM_HELD) return
    this.#beWary()
    if (this.#heldRequests > MAX_HELD_REQUESTS) this.#cutGreediest()
  }

  // Where many together hold much, nobody reads ahead.
  readonly #maxDue = (): number =>
    this.#heldRequests > MAX_HELD_REQUESTS / 2 ? 1 : this.#bounds.maxDue

  #beWary(): void {
    const now = performance.now()
    if (now >= this.#waryUntilMs) {
      for (const connection of this.#all.values()) connection.readInSlices()
    }
    this.#waryUntilMs = now + WARY_MS
  }

  #cutGreediest(): void {
    let most: [Socket, Connection] | undefined
    for (const entry of this.#all) {
      if (entry[1].heldRequests > (most?.[1].heldRequests ?? 0)) most = entry
    }
    if (most === undefined) return
    const [socket, connection] = most
    socket.destroy()
    connection.clear()
  }
}
