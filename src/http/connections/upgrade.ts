import type { Response } from './surroundings.ts'

/**
 * Calls back when a request that asks for another protocol has come whole.
 *
 * We never change the protocol, but Node's parser believes it has ended with such a request: it drops
 * the bytes behind it up to the end of the piece, and then takes what may be the middle of a body for a
 * request. So nothing behind it counts, which `Connection: close` says.
 */
export function closeAfterUpgrade(response: Response, onWhole: () => void): void {
  response.shouldKeepAlive = false
  // Whether it has a body is known once its piece is parsed.
  process.nextTick(() => {
    if (response.req.complete) onWhole()
    else response.req.once('end', onWhole)
  })
}
