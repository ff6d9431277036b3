import {
  LogController,
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { DEFAULT_TENANT, serviceOf } from '../../domain/access.ts'
import { clientAddress } from '../client-address.ts'
import type { Failure } from '../failure.ts'
import { loggedPath } from './logged-path.ts'
import { TurnedAwayLog } from './turned-away-log.ts'

/** Levels at which nothing is said of a request that went well. */
const QUIET_LEVELS: ReadonlySet<string> = new Set(['warn', 'error', 'fatal', 'silent'])

/**
 * One line per request, when it is done: 5xx at error with the cause; data that PostgreSQL refuses
 * at warn with the cause, since only the operator can tell why; everything else at info. Requests
 * that are turned away, by a limit, by overload or by a database that does not serve them, are counted
 * instead.
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

  /** An answer was cut in the middle: by us, or by a client that has gone. */
  override streamError(
    error: Error & { code?: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const line = lineOf(request, reply)
    if (error.code === 'ERR_STREAM_PREMATURE_CLOSE') reply.log.info(line, 'client has gone')
    else reply.log.error({ ...line, err: error }, 'answer cut off')
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
  return status === 429 || (status === 503 && code !== 'outcome_unknown')
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

const NOBODY = serviceOf(DEFAULT_TENANT)

interface RequestLine {
  method: string
  url: string
  client: string | undefined
  /** Absent where the request is not traced. */
  traceId?: string
  /** Whose key or token it is, and which: absent with `AUTH=off`. */
  tenant?: string
  actor?: string
  status: number
  durationMs: number
  code?: string
  err?: unknown
}

function lineOf(request: FastifyRequest, reply: FastifyReply): RequestLine {
  const { actor, tenantId: tenant } = request.grant?.caller ?? NOBODY
  const traceId = request.trace?.traceId
  return {
    method: request.method,
    url: loggedPath(request.url),
    client: clientAddress(request),
    ...(traceId !== undefined && { traceId }),
    ...(actor !== null && { tenant, actor }),
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
  }
}
