import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpError } from './errors.ts'

type Done = (error: Error | null, body?: unknown) => void
type ParseJson = (request: FastifyRequest, body: string, done: Done) => unknown

const JSON_TYPE = 'application/json'
const MERGE_PATCH = 'application/merge-patch+json'

const ENCODED = {
  text: 'The body must not be compressed: Content-Encoding is not supported',
  // RFC 9110, section 15.5.16
  headers: { 'accept-encoding': 'identity' },
}
const WRONG_CHARSET = { text: 'The body must be in UTF-8: no other charset is supported' }
/** A parameter of a media type (RFC 9110, section 5.6.6). */
const PARAMETER = /;\s*([^\s=;]+)\s*=\s*("(?:\\.|[^"\\])*"|[^;\s]*)/g
const FORBIDDEN_NAME = {
  text: 'The body must not have a member __proto__, nor a member prototype of a member constructor',
}

/**
 * Parses JSON bodies, and JSON merge patches (RFC 7396) where the method is PATCH. One that is not
 * UTF-8 is refused (RFC 8259, 8.1): decoding replaces invalid bytes, and different user ids would
 * become the same one. A request without a body is let through whatever its Content-Type: many
 * clients always send one, and the schema asks for what a route needs.
 */
export function parseJsonBodies(
  app: Pick<FastifyInstance, 'addContentTypeParser' | 'getDefaultJsonParser'>,
): void {
  const parseJson: ParseJson = app.getDefaultJsonParser('error', 'error')
  const add = (
    type: string,
    parse: (request: FastifyRequest, body: Buffer, done: Done) => void,
  ) => {
    app.addContentTypeParser<Buffer>(type, { parseAs: 'buffer' }, (request, body, done) => {
      if (body.length === 0) done(null, undefined)
      else if (isEncoded(request)) done(new HttpError('unsupported_media_type', ENCODED))
      else parse(request, body, done)
    })
  }
  add(JSON_TYPE, (request, body, done) => {
    parseBody(parseJson, request, body, done)
  })
  add(MERGE_PATCH, (request, body, done) => {
    if (request.method === 'PATCH') parseBody(parseJson, request, body, done)
    else done(unsupportedMediaType(request))
  })
  add('*', (request, _body, done) => {
    done(unsupportedMediaType(request))
  })
}

/** What types a request like this one may have (RFC 9110, section 15.5.16; RFC 5789, section 2.2). */
export function acceptedTypes({ method }: Pick<FastifyRequest, 'method'>): Record<string, string> {
  return method === 'PATCH'
    ? { 'accept-patch': `${JSON_TYPE}, ${MERGE_PATCH}` }
    : { accept: JSON_TYPE }
}

function unsupportedMediaType(request: FastifyRequest): HttpError {
  return new HttpError('unsupported_media_type', { headers: acceptedTypes(request) })
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && !/^\s*(identity)?\s*$/i.test(encoding)
}

/** Whether the Content-Type names no other charset: JSON needs to name none (RFC 8259, section 11). */
function isInUtf8({ headers }: FastifyRequest): boolean {
  const type = headers['content-type'] ?? ''
  if (!type.includes(';')) return true
  return [...type.matchAll(PARAMETER)].every(
    ([, name = '', value = '']) =>
      name.toLowerCase() !== 'charset' || /^(utf-?8|)$/i.test(value.replace(/["\\]/g, '')),
  )
}

function parseBody(parse: ParseJson, request: FastifyRequest, body: Buffer, done: Done): void {
  if (!isInUtf8(request)) {
    const headers = acceptedTypes(request)
    done(new HttpError('unsupported_media_type', { ...WRONG_CHARSET, headers }))
    return
  }
  if (!isUtf8(body)) {
    done(new HttpError('malformed_json'))
    return
  }
  const text = body.toString()
  void parse(request, text, (error, value) => {
    if (error !== null && isJson(text)) done(new HttpError('validation_failed', FORBIDDEN_NAME))
    else done(error, value)
  })
}

/** Whether only a name was wrong: the framework's parser makes no difference. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
