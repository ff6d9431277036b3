import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './errors.ts'

/**
 * Parses JSON bodies. One that is not UTF-8 is refused (RFC 8259, 8.1): decoding replaces invalid
 * bytes, and different user ids would become the same one. A request without a body is let through
 * whatever its Content-Type: many clients always send one, and the schema asks for what a route
 * needs.
 */
export function parseJsonBodies(
  app: Pick<FastifyInstance, 'addContentTypeParser' | 'getDefaultJsonParser'>,
): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (request, body, done) => {
      if (body.length === 0) done(null, undefined)
      else if (!isUtf8(body)) done(new HttpError('malformed_json'))
      else void parseJson(request, body.toString(), done)
    },
  )
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else done(new HttpError('unsupported_media_type'))
  })
}
