import { isIP } from 'node:net'
import {
  LogController,
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Failure } from '../failure.ts'
import { TurnedAwayLog } from './turned-away-log.ts'

/** Levels at which nothing is said of a request that went well. */
const QUIET_LEVELS: ReadonlySet<string> = new Set(['warn', 'error', 'fatal', 'silent'])

/**
 * One line per request, when it is done: 5xx at error with the cause; data that PostgreSQL refuses
 * at warn with the cause, since only the operator can tell why; everything else at info. Requests
 * that are turned away, by overload or by a database that does not serve them, are counted instead.
 * Headers, bodies and queries are never logged, as they may carry credentials and users' ids.
 */
export class RequestLog extends LogController {
  readonly #turnedAway = new TurnedAwayLog()

  constructor() {
    super({ requestIdLogLabel: 'requestId' })
  }

  /** Logs what it has only counted so far. */
  close(): void {
    this.#turnedAway.close()
  }

  override incomingRequest(): void {
    // The line at the end says it all.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const { failure, log } = reply
    if (error) {
      log.error({ ...lineOf(request, reply), err: error }, 'request broken off')
    } else if (failure === null) {
      if (isQuiet(log)) return
      log.info(lineOf(request, reply), 'request completed')
    } else if (isCounted(failure)) {
      const describe = () => ({ requestId: request.id, ...lineOf(request, reply) })
      this.#turnedAway.count(request.server.log, failure.code, describe, failure.cause)
    } else {
      logFailure(request, reply, failure)
    }
  }
}

/** With an unknown outcome the operator may have to look for that very request. */
function isCounted({ status, code }: Failure): boolean {
  return status === 503 && code !== 'outcome_unknown'
}

function logFailure(request: FastifyRequest, reply: FastifyReply, failure: Failure): void {
  const { code, status, cause } = failure
  const isRefusedData = code === 'data_refused'
  // What we do not implement is the client's choice, like a 4xx.
  const hasCause = isRefusedData || (status >= 500 && code !== 'not_implemented')
  if (!hasCause && isQuiet(reply.log)) return
  const line: RequestLine = lineOf(request, reply)
  line.code = code
  if (hasCause) line.err = cause
  if (isRefusedData) reply.log.warn(line, 'request refused')
  else if (hasCause) reply.log.error(line, 'request failed')
  else reply.log.info(line, 'request refused')
}

function isQuiet({ level }: FastifyBaseLogger): boolean {
  return QUIET_LEVELS.has(level)
}

interface RequestLine {
  method: string
  url: string
  client: string | undefined
  status: number
  durationMs: number
  code?: string
  err?: unknown
}

function lineOf(request: FastifyRequest, reply: FastifyReply): RequestLine {
  return {
    method: request.method,
    url: pathOf(request.url),
    client: clientOf(request),
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
  }
}

// Up to the first character that no path of ours has: behind it a query may follow that is written
// in another way, such as `%3F` or `#`.
function pathOf(url: string): string {
  const end = url.search(/[^-\w./]/)
  return end === -1 ? url : url.slice(0, end)
}

/** The client's address, as far back as proxies are believed and tell one. */
function clientOf({ ips = [], socket }: FastifyRequest): string | undefined {
  return ips.findLast((address) => isIP(address) !== 0) ?? socket.remoteAddress
}
