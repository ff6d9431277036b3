import type { Socket } from 'node:net'

/**
 * How long input is still taken, and dropped, after the last answer: with bytes unread, closing
 * would send RST, which makes the client drop the answer too (RFC 9112, 9.6).
 */
const LINGER_MS = 1000

/**
 * Sends the bytes and FIN, and closes when the client has had time to read them.
 *
 * @param rest - settles when what the client is still sending has been taken, in bounded time
 */
export function endLingering(
  socket: Socket,
  lastWords: string,
  rest: Promise<void> = Promise.resolve(),
): void {
  // A second end with words, be they empty, would be an error.
  if (!socket.writableEnded) socket.end(lastWords)
  void rest.then(() => {
    if (socket.destroyed) return
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => {
      clearTimeout(timer)
    })
  })
}

/**
 * Has Node linger as well: after an answer with `Connection: close` it would cut the connection, whatever of the
 * request has come unread.
 *
 * @param onEnd - called where it would, to end the connection otherwise; says whether it does
 */
export function lingerForNode(socket: Socket, onEnd: () => boolean): void {
  const cut = socket.destroySoon.bind(socket)
  socket.destroySoon = () => {
    if (!onEnd()) cut()
  }
}
