import type { Socket } from 'node:net'
import { endLingering } from './linger.ts'
import type { Response } from './surroundings.ts'

/** What is sent at a connection's end, when the answers before it have left. */
export class LastWords {
  readonly #text: string
  readonly #broken: Response | undefined

  /**
   * @param text - empty to close alone
   * @param broken - the answer due to what did not parse, if its turn had come
   */
  constructor(text: string, broken?: Response) {
    this.#text = text
    this.#broken = broken
  }

  /** Ends the connection with them, unless something else is due first. */
  send(socket: Socket, due: Response | undefined): void {
    if (due !== undefined && (due !== this.#broken || due.headersSent)) return
    // What was broken off has been answered by itself.
    const hasAnswer = due === undefined && this.#broken !== undefined
    endLingering(socket, hasAnswer ? '' : this.#text)
  }
}
