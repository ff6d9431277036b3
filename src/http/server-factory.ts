import { createServer, type RequestListener, type Server } from 'node:http'
import type { Config } from '../config/config.ts'

/**
 * Makes the HTTP servers of one process and closes them together. Fastify opens a second server
 * where `localhost` has two addresses, and waits for the first one only: requests in flight on the
 * other would be cut off, so we keep count ourselves.
 */
export class ServerFactory {
  readonly #config: Config['http']
  readonly #servers: Server[] = []

  constructor(config: Config['http']) {
    this.#config = config
  }

  readonly create = (listener: RequestListener): Server => {
    const { requestTimeoutMs, connectionTimeoutMs, keepAliveTimeoutMs } = this.#config
    const server = createServer(
      // Headers may take no longer than the whole request; Node refuses the contrary.
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        // Node looks for requests that are late every 30 s otherwise, however short their time is.
        // Answered by the error handler, in the usual envelope.
        requireHostHeader: false,
        connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
      },
      listener,
    )
    server.setTimeout(connectionTimeoutMs)
    // Served as if nothing were expected (RFC 9110, 10.1.1); Node's own 417 has no envelope.
    server.on('checkExpectation', listener)
    this.#servers.push(server)
    return server
  }

  /** Stops accepting, and resolves when what is in flight on every address has been answered. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.filter((server) => server.listening).map(close))
  }
}

function close(server: Server): Promise<void> {
  // Node closes the connections that are idle now; those that turn idle later end by this.
  server.keepAliveTimeout = 1
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
