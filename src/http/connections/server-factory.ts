import { createServer, type RequestListener, type Server } from 'node:http'
import type { Config } from '../../config/config.ts'
import { Connections } from './connections.ts'
import { affordableConnections } from './descriptors.ts'

/**
 * Creates the HTTP servers of the process and closes them together. Fastify opens a second server
 * where `localhost` has two addresses, but waits only for the first one when it closes: requests in
 * flight on the other would be cut off.
 */
export class ServerFactory {
  readonly #config: Config['http']
  readonly #servers: Server[] = []
  readonly #connections: Connections
  /** Most open connections: fewer than configured where file descriptors are short. */
  readonly maxConnections: number

  constructor(config: Config['http']) {
    this.#config = config
    this.maxConnections = affordableConnections(config.maxConnections)
    this.#connections = new Connections({
      maxConnections: this.maxConnections,
      maxDue: config.maxPipelinedRequests,
    })
  }

  /** For Fastify's `clientErrorHandler`. */
  get onClientError() {
    return this.#connections.fail
  }

  readonly create = (listener: RequestListener): Server => {
    const { requestTimeoutMs, connectionTimeoutMs, keepAliveTimeoutMs } = this.#config
    const server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        // Node refuses a longer time for the headers than for the whole request.
        headersTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        // By default Node looks for late requests every 30 s, however short their time is.
        connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
        // Node's own 400 has no body; the error handler answers in the default envelope.
        requireHostHeader: false,
      },
      this.#connections.receive,
    )
    // By default Node passes over headers beyond the 2,000th, such as a precondition or a second
    // Host. Their bytes are bounded anyway.
    server.maxHeadersCount = 0
    server.setTimeout(connectionTimeoutMs)
    // A client that has sent its last request may say so at once, and still wants its answer. Node
    // has this switch, but neither documents nor types it: test/hostile/half-closed.test.ts holds it.
    Object.assign(server, { httpAllowHalfOpen: true })
    // An unknown Expect is ignored (RFC 9110, 10.1.1): Node's own 417 has no body.
    server.on('checkExpectation', this.#connections.receive)
    this.#connections.watch(server, listener)
    this.#servers.push(server)
    return server
  }

  /**
   * Stops accepting; resolves when the requests in flight on every address are answered. It does not
   * wait for clients that keep it waiting.
   */
  async close(): Promise<void> {
    this.#connections.hurry()
    await Promise.all(this.#servers.filter((server) => server.listening).map(close))
    this.#connections.close()
  }
}

function close(server: Server): Promise<void> {
  // Node closes connections that are idle now. Without this, one that turns idle later would
  // hold up the close for the whole keep-alive time.
  server.keepAliveTimeout = 1
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
