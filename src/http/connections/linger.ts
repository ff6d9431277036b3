import type { ServerResponse } from 'node:http'
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
 * Has the connection close after an answer if the rest of its request is still coming by then, but not before
 * the client can have read the answer.
 *
 * @param rest - what is settled when the rest has been taken, in bounded time; undefined where nobody takes it
 */
export function lingerAfter(response: ServerResponse, rest: () => Promise<void> | undefined): void {
  const { req } = response
  const { socket } = req
  let isLast = false
  // After `Connection: close` Node cuts the connection with this, whatever has come unread.
  socket.destroySoon = () => {
    isLast = true
  }
  response.once('finish', () => {
    Reflect.deleteProperty(socket, 'destroySoon')
    if (!req.readableEnded) endLingering(socket, '', rest())
    else if (isLast) socket.destroySoon()
  })
}
