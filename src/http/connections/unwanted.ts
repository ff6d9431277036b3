import type { Socket } from 'node:net'

/** How many bytes that nobody wants are taken of a client, and dropped: whoever sends more is cut. */
export const MAX_UNWANTED_BYTES = 64 * 1024 * 1024

/** How much comes that nobody wants, such as the rest of what has its answer. */
export class Unwanted {
  /** How much had come when it began. */
  #since: number | undefined

  /** To be called now and then. @param isUnwanted - whether what comes at present is */
  look(socket: Socket, isUnwanted: boolean): void {
    this.#since = isUnwanted ? (this.#since ?? socket.bytesRead) : undefined
    if (this.#since === undefined) return
    if (socket.bytesRead - this.#since > MAX_UNWANTED_BYTES) socket.destroy()
  }
}
