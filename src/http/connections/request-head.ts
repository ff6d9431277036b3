import type { IncomingMessage } from 'node:http'
import { failureOf, type Failure } from '../failure.ts'

// uri-host [ ":" port ], RFC 9110, 7.2 and RFC 3986, 3.2.2.
const HOST = /^(\[[0-9a-z:.]+\]|[-0-9a-z._~!$&'()*+,;=%]*)(:\d*)?$/i
const ABSOLUTE = /^https?:\/\/[^/?#]*/i

/**
 * What is wrong with a request's head though it parses: a proxy in front of us might read it
 * another way, and then one client's bytes become another's request.
 */
export function faultOfHead(request: IncomingMessage): Failure | undefined {
  if (!hasOneHost(request)) return failureOf('bad_request')
  const coding = request.headers['transfer-encoding']
  if (coding === undefined) return undefined
  // RFC 9112, 6.1: HTTP/1.0 has no transfer codings.
  if (request.httpVersion === '1.0') return failureOf('bad_request')
  if (coding.toLowerCase() === 'chunked') return undefined
  return failureOf('not_implemented', 'The transfer coding is not supported')
}

/** HTTP/1.1 requires one valid Host, and 400 otherwise (RFC 9112, 3.2); HTTP/1.0 needs none. */
function hasOneHost({ headers: { host }, rawHeaders, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion !== '1.1'
  if (!HOST.test(host)) return false
  // Node keeps the first and drops the others.
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count === 1
}

/** The target as a path: a server must take `GET http://host/path` too (RFC 9112, 3.2.2). */
export function originForm(target: string): string {
  const path = target.replace(ABSOLUTE, '')
  if (path === target || path.startsWith('/')) return path
  return `/${path}`
}
