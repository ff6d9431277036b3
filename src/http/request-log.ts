import { LogController, type FastifyReply, type FastifyRequest } from 'fastify'

/**
 * One line per request, when it is done: 5xx at error with the cause; data that PostgreSQL refuses
 * at warn with the cause, since only the operator can tell why; everything else at info.
 * Headers and bodies are never logged, as they may carry credentials.
 */
export class RequestLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'requestId' })
  }

  override incomingRequest(): void {
    // The line at the end says it all.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const line = {
      method: request.method,
      url: request.url,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    }
    const { failure } = reply
    if (error) {
      reply.log.error({ ...line, err: error }, 'request broken off')
    } else if (failure === null) {
      reply.log.info(line, 'request completed')
    } else if (failure.code === 'data_refused') {
      reply.log.warn({ ...line, code: failure.code, err: failure.cause }, 'request refused')
    } else if (failure.status < 500) {
      reply.log.info({ ...line, code: failure.code }, 'request refused')
    } else {
      reply.log.error({ ...line, code: failure.code, err: failure.cause }, 'request failed')
    }
  }
}
