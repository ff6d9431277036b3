import type { IncomingMessage } from 'node:http'
import { failureOf, type Failure } from '../failure.ts'

// uri-host [ ":" port ], RFC 9110, 7.2 and RFC 3986, 3.2.2.
const HOST = /^(\[[0-9a-z:.]+\]|[-0-9a-z._~!$&'()*+,;=%]*)(:\d*)?$/i
/** By the length of the name, no two of which are the same: so most headers cost a look at theirs. */
const SINGLE_BY_LENGTH = new Map(
  ['Host', 'Content-Type', 'Authorization'].map((name, i) => [
    name.length,
    { name, lowerCase: name.toLowerCase(), bit: 1 << i },
  ]),
)
const ABSOLUTE = /^https?:\/\/[^/?#]*/i

/**
 * What is wrong with a request's head though it parses: a proxy in front of us might read it
 * another way, and then one client's bytes become another's request.
 */
export function faultOfHead(request: IncomingMessage): Failure | undefined {
  if (!isHostValid(request)) return failureOf('bad_request')
  const repeated = repeatedHeader(request.rawHeaders)
  if (repeated !== undefined) return failureOf('bad_request', moreThanOne(repeated))
  const coding = request.headers['transfer-encoding']
  if (coding === undefined) return undefined
  // RFC 9112, 6.1: HTTP/1.0 has no transfer codings.
  if (request.httpVersion === '1.0') return failureOf('bad_request')
  if (coding.toLowerCase() === 'chunked') return undefined
  return failureOf('not_implemented', 'The transfer coding is not supported')
}

/** HTTP/1.1 requires one valid Host, and 400 otherwise (RFC 9112, 3.2); HTTP/1.0 needs none. */
function isHostValid({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  return host === undefined ? httpVersion !== '1.1' : HOST.test(host)
}

/**
 * The first header that is there more than once, of those of which Node keeps the first and drops the
 * others. Of any other that we read it joins the values.
 */
function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  let seen = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const single = SINGLE_BY_LENGTH.get(name.length)
    if (single === undefined || name.toLowerCase() !== single.lowerCase) continue
    if ((seen & single.bit) !== 0) return single.name
    seen |= single.bit
  }
  return undefined
}

function moreThanOne(name: string): string {
  return `The request must not have more than one ${name} header`
}

/** The target as a path: a server must take `GET http://host/path` too (RFC 9112, 3.2.2). */
export function originForm(target: string): string {
  const path = target.replace(ABSOLUTE, '')
  if (path === target || path.startsWith('/')) return path
  return `/${path}`
}
