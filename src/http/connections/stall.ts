import type { Socket } from 'node:net'
import type { Response } from './surroundings.ts'

/** Of an answer that left between two looks: below that it is a trickle. */
const PROGRESS_BYTES = 16 * 1024

/**
 * For how long a connection has waited for its client, in looks. Only a further request's turn is
 * progress, or a good piece of a long answer that the client has read: a trickle of bytes is none.
 */
export class Stall {
  /** A request's turn has come since the last look; or it was opened, with time for its first one. */
  #hasAdvanced = true
  #looks = 0
  #bytesLeft = 0

  get looks(): number {
    return this.#looks
  }

  /** To be called when a request's turn has come. */
  onTurn(): void {
    this.#hasAdvanced = true
  }

  /** To be called now and then. @param due - the answer that the client has to get next */
  look(socket: Socket, due: Response | undefined): void {
    const bytesLeft = socket.bytesWritten - socket.writableLength
    const isRead = bytesLeft - this.#bytesLeft >= PROGRESS_BYTES
    this.#bytesLeft = bytesLeft
    const isStalled = !this.#hasAdvanced && !isRead && waitsForClient(socket, due)
    this.#looks = isStalled ? this.#looks + 1 : 0
    this.#hasAdvanced = false
  }
}

// For a request, for the rest of one, or for an answer to be read.
function waitsForClient(socket: Socket, due: Response | undefined): boolean {
  if (due?.req.complete !== true) return true
  return due.writableEnded || socket.writableNeedDrain
}
