import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ConfigurationError, type MetricsConfig } from '../../config/config.ts'

const PATH = '/metrics'
/** Whoever scrapes needs one or two. */
const MAX_CONNECTIONS = 64
/** For a request to arrive, and for silence on a connection. */
const TIMEOUT_MS = 5000
/** How long a close waits for who is being answered. */
const CLOSE_MS = 1000

type Own = NonNullable<MetricsConfig['own']>

/** A server of its own that answers `GET /metrics` and nothing else. */
export class MetricsListener {
  readonly #read: () => Promise<string>
  readonly #contentType: string
  readonly #onError: (error: unknown) => void
  readonly #server: Server

  constructor(read: () => Promise<string>, contentType: string, onError: (error: unknown) => void) {
    this.#read = read
    this.#contentType = contentType
    this.#onError = onError
    const timeouts = {
      requestTimeout: TIMEOUT_MS,
      headersTimeout: TIMEOUT_MS,
      keepAliveTimeout: TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
    }
    this.#server = createServer(
      timeouts,
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.setTimeout(TIMEOUT_MS)
  }

  /** The port that is listened on; null where none is. */
  get port(): number | null {
    const address = this.#server.address()
    return typeof address === 'object' ? (address?.port ?? null) : null
  }

  /** @throws ConfigurationError where the address can't be listened on */
  async listen({ host, port }: Own): Promise<void> {
    this.#server.listen(port, host)
    try {
      await once(this.#server, 'listening')
    } catch (error) {
      throw new ConfigurationError(explain(error, { host, port }), { cause: error })
    }
  }

  /** Settles when every connection has ended. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    const timer = setTimeout(() => {
      this.#server.closeAllConnections()
    }, CLOSE_MS)
    await closed
    clearTimeout(timer)
  }

  async #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (url.split('?', 1)[0] !== PATH) send(response, 404, 'Not found: there is /metrics only')
      else if (method === 'GET' || method === 'HEAD') {
        response.setHeader('content-type', this.#contentType)
        send(response, 200, await this.#read())
      } else {
        response.setHeader('allow', 'GET, HEAD')
        send(response, 405, 'Method not allowed')
      }
    } catch (error) {
      this.#onError(error)
      send(response, 500, 'Internal server error')
    }
  }
}

/** Node leaves the body out where HEAD asks. */
function send(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('content-type')) {
    response.setHeader('content-type', 'text/plain; charset=utf-8')
  }
  response.statusCode = status
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

function explain(error: unknown, { host, port }: Own): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `METRICS_PORT ${port} is in use: stop what listens there`
  if (code === 'EACCES') return `METRICS_PORT ${port} needs more rights: set it to 1024 or more`
  return `METRICS_HOST ${host} cannot be listened on`
}
