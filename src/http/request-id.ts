import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

// Bounded and plain, so that what a client sends can forge no log line nor fill one.
const SANE_ID = /^[\w.:+/=-]{1,128}$/

/** The request's id: the caller's X-Request-Id where it is a sane one, else a new UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID()
}
