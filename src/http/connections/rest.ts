import type { IncomingMessage } from 'node:http'

export interface RestBounds {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/**
 * Takes what is left of a request's body, and drops it: so that a client that sends all of it before it
 * reads comes to read the answer. Nobody else may be reading the body.
 *
 * @returns settles when all of it has come, or no more is taken
 */
export function dropRest(request: IncomingMessage, bounds: RestBounds): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let bytes = 0
    const count = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > bounds.maxBytes) end()
    }
    const end = (): void => {
      clearTimeout(timer)
      request.off('data', count).off('close', end)
      request.pause()
      resolve()
    }
    const timer = setTimeout(end, bounds.timeoutMs)
    request.on('data', count).once('end', end).once('close', end).resume()
  })
}
