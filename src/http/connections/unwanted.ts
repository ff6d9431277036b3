import type { Socket } from 'node:net'

/** How many bytes that nobody wants are taken of a client, and dropped: whoever sends more is cut. */
export const MAX_UNWANTED_BYTES = 64 * 1024 * 1024

/** How much comes that nobody wants, such as the rest of what has its answer. */
export class Unwanted {
  #early: object | undefined
  /** How much had come when that one began. */
  #since = 0

  /** To be called now and then. @param early - the answer that the rest of a request comes behind, if it does */
  look(socket: Socket, early: object | undefined): void {
    if (early !== this.#early) {
      this.#early = early
      this.#since = socket.bytesRead
    }
    const taken = socket.bytesRead - this.#since
    if (early !== undefined && taken > MAX_UNWANTED_BYTES) socket.destroy()
  }
}
