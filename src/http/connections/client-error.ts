import { STATUS_CODES } from 'node:http'
import { ERRORS, type ErrorCode } from '../errors.ts'

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
  ['CONNECT', 'not_implemented'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'payload_too_large'],
])

/** What is wrong with the bytes, as the catalogue has it: by Node's name for it, or `CONNECT`. */
function codeOfClientError(code: string | undefined): ErrorCode {
  return CODES.get(code ?? '') ?? 'bad_request'
}

/**
 * A whole answer, head and body, in the default envelope. For where there is no request to answer
 * through, hence bytes for the bare socket. It says that the connection closes.
 */
export function closingAnswer(code: ErrorCode): string {
  const { status, text } = ERRORS[code]
  const body = JSON.stringify({ error: text })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    ...(status === 503 ? ['Retry-After: 1'] : []),
    'Content-Type: application/json; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/**
 * What is sent because of bytes that are no request, before the connection ends; empty for nothing.
 *
 * @param isPaused - whether we ourselves left the connection unread
 */
export function lastWordsAfter(code: string | undefined, isPaused: boolean): string {
  // Bytes behind `Connection: close` are nobody's.
  if (code === 'HPE_CLOSED_CONNECTION') return ''
  // It is not the client's fault then, as 408 would have it.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && isPaused) return ''
  return closingAnswer(codeOfClientError(code))
}
