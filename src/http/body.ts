import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpError } from './errors.ts'
import { jsonReader } from './json-reader.ts'

type Done = (error: Error | null, body?: unknown) => void
export type Parsing = Pick<FastifyInstance, 'addContentTypeParser' | 'getDefaultJsonParser'>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route's body is lines of JSON: see ndjson/pass-lines.ts. */
    takesLines?: boolean
  }
}

const JSON_TYPE = 'application/json'
const MERGE_PATCH = 'application/merge-patch+json'
/** Lines of JSON, of requests and of answers. It is not registered, and everybody's name for it. */
export const NDJSON = 'application/x-ndjson'

export const ENCODED = {
  text: 'The body must not be compressed: Content-Encoding is not supported',
  // RFC 9110, section 15.5.16
  headers: { 'accept-encoding': 'identity' },
}
export const NO_LINES = `The body must be lines of JSON, sent as Content-Type: ${NDJSON}`
const WRONG_CHARSET = { text: 'The body must be in UTF-8: no other charset is supported' }
/** A parameter of a media type (RFC 9110, section 5.6.6). */
const PARAMETER = /;\s*([^\s=;]+)\s*=\s*("(?:\\.|[^"\\])*"|[^;\s]*)/g

/**
 * Parses JSON bodies, and JSON merge patches (RFC 7396) where the method is PATCH. One that is not
 * UTF-8 is refused (RFC 8259, 8.1): decoding replaces invalid bytes, and different user ids would
 * become the same one. A request without a body is let through whatever its Content-Type: many
 * clients always send one, and the schema asks for what a route needs.
 */
export function parseJsonBodies(app: Parsing): void {
  const read = jsonReader(app)
  const readJson = (request: FastifyRequest, body: Buffer, done: Done): void => {
    let value: unknown
    try {
      value = read(request, body)
    } catch (error) {
      done(error instanceof Error ? error : new HttpError('malformed_json'))
      return
    }
    done(null, value)
  }
  const add = (
    type: string,
    parse: (request: FastifyRequest, body: Buffer, done: Done) => void,
  ) => {
    app.addContentTypeParser<Buffer>(type, { parseAs: 'buffer' }, (request, body, done) => {
      if (body.length === 0) done(null, undefined)
      else if (isEncoded(request)) done(new HttpError('unsupported_media_type', ENCODED))
      else if (!isInUtf8(request)) done(wrongCharset(request))
      else parse(request, body, done)
    })
  }
  add(JSON_TYPE, readJson)
  add(MERGE_PATCH, (request, body, done) => {
    if (request.method === 'PATCH') readJson(request, body, done)
    else done(unsupportedMediaType(request))
  })
  add('*', (request, _body, done) => {
    done(unsupportedMediaType(request))
  })
}

/** What types a request like this one may have (RFC 9110, section 15.5.16; RFC 5789, section 2.2). */
function acceptedTypes(request: FastifyRequest): Record<string, string> {
  if (takesLines(request)) return { accept: NDJSON }
  return request.method === 'PATCH'
    ? { 'accept-patch': `${JSON_TYPE}, ${MERGE_PATCH}` }
    : { accept: JSON_TYPE }
}

/** For a body of a type that the route does not take, or of none. */
export function unsupportedMediaType(request: FastifyRequest): HttpError {
  const text = takesLines(request) ? { text: NO_LINES } : {}
  return new HttpError('unsupported_media_type', { ...text, headers: acceptedTypes(request) })
}

function takesLines({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.takesLines === true
}

/** Whether the body is compressed, or encoded otherwise. */
export function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && !/^\s*(identity)?\s*$/i.test(encoding)
}

/** Whether the Content-Type names no other charset: JSON needs to name none (RFC 8259, section 11). */
export function isInUtf8({ headers }: FastifyRequest): boolean {
  const type = headers['content-type'] ?? ''
  if (!type.includes(';')) return true
  return [...type.matchAll(PARAMETER)].every(
    ([, name = '', value = '']) =>
      name.toLowerCase() !== 'charset' || /^(utf-?8|)$/i.test(value.replace(/["\\]/g, '')),
  )
}

/** For a body in another charset. */
export function wrongCharset(request: FastifyRequest): HttpError {
  const headers = acceptedTypes(request)
  return new HttpError('unsupported_media_type', { ...WRONG_CHARSET, headers })
}
