import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

// Bounded and plain, so that a client can neither forge a log line nor flood the log.
const SANE_ID = /^[\w.:+/=-]{1,128}$/

/** The request's id: the client's X-Request-Id if it is acceptable, else a new UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID()
}
