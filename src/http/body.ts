import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { ServiceError } from './errors.ts'

/**
 * Parses JSON bodies. What is no UTF-8 is refused (RFC 8259, 8.1): decoded anyway, different ids
 * would become the same one. A request without a body is let through whatever it is announced as:
 * many clients always send the header, and what a route needs, its schema asks for.
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
      else if (!isUtf8(body)) done(new ServiceError('malformed_json'))
      else void parseJson(request, body.toString(), done)
    },
  )
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else done(new ServiceError('unsupported_media_type'))
  })
}
