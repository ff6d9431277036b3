import type { Socket } from 'node:net'
import { getHeapStatistics } from 'node:v8'

/** The part of the heap that answers may take which their clients do not read. */
const UNREAD_PART_OF_HEAP = 1 / 4
/** The part of the connections from which on those that wait for their clients have to go. */
const CROWDED_PART = 0.9
const INTERVAL_MS = 500

/** How many rounds each a close waits, at first, and a client may then keep it waiting. */
const HURRY_ROUNDS = 2

interface Watched {
  /** For how many looks it has waited for its client, without a further request's turn. */
  readonly stalledLooks: number
  look(): void
}

/**
 * Looks at all connections now and then, and ends some where together they take too much, each
 * within its own bounds. What a request costs does not depend on it.
 */
export class Patrol {
  readonly #all: ReadonlyMap<Socket, Watched>
  readonly #maxQuietly: number
  readonly #maxUnreadBytes: number
  /** Since the servers began to close. */
  #closingRounds: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    all: ReadonlyMap<Socket, Watched>,
    maxConnections: number,
    maxUnreadBytes = getHeapStatistics().heap_size_limit * UNREAD_PART_OF_HEAP,
  ) {
    this.#all = all
    this.#maxUnreadBytes = maxUnreadBytes
    this.#maxQuietly = Math.ceil(maxConnections * CROWDED_PART)
  }

  start(): void {
    this.#timer ??= setInterval(this.#goRound, INTERVAL_MS)
  }

  /** From now on cuts what waits for its client, so that the servers can close. */
  hurry(): void {
    this.#closingRounds = 0
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  readonly #goRound = (): void => {
    for (const connection of this.#all.values()) connection.look()
    this.#cutUnread()
    if (this.#closingRounds === undefined) this.#cutCrowd()
    else this.#cutLate(++this.#closingRounds)
  }

  // Many clients that read nothing would together fill the heap. The largest go first.
  #cutUnread(): void {
    let bytes = 0
    for (const socket of this.#all.keys()) bytes += socket.writableLength
    if (bytes <= this.#maxUnreadBytes) return
    const bySize = [...this.#all.keys()].sort((a, b) => b.writableLength - a.writableLength)
    for (const socket of bySize) {
      if (bytes <= this.#maxUnreadBytes) return
      bytes -= socket.writableLength
      socket.destroy()
    }
  }

  // Otherwise whoever holds connections open, and gets no further with any, would shut everybody else
  // out. Those that have been stalled longest go first.
  #cutCrowd(): void {
    const excess = this.#all.size - this.#maxQuietly
    if (excess <= 0) return
    const stalled = [...this.#all].filter(([, { stalledLooks }]) => stalledLooks > 0)
    stalled.sort(([, a], [, b]) => b.stalledLooks - a.stalledLooks)
    for (const [socket] of stalled.slice(0, excess)) socket.destroy()
  }

  // Node itself closes only those that are idle after a whole request.
  #cutLate(closingRounds: number): void {
    if (closingRounds <= HURRY_ROUNDS) return
    for (const [socket, { stalledLooks }] of this.#all) {
      if (stalledLooks >= HURRY_ROUNDS) socket.destroy()
    }
  }
}
