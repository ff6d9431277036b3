import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

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

export type Response = ServerResponse & { req: IncomingMessage }
