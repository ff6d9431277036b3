import type { FastifyInstance } from 'fastify'
import {
  ENCODED,
  isEncoded,
  isInUtf8,
  NDJSON,
  unsupportedMediaType,
  wrongCharset,
  type Parsing,
} from '../body.ts'
import { HttpError } from '../errors.ts'

/** What stands for a body of another type until it is refused. */
const NO_LINES_AT_ALL = null

/**
 * Has a scope's routes take lines of JSON and nothing else, and leaves the body in the request's stream:
 * it is read as the route reads it, however long it is. What is validated as the body is an empty text.
 */
export function passLinesOn(
  app: Parsing & Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addHook'>,
): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(NDJSON, (_request, _payload, done) => {
    done(null, '')
  })
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null, NO_LINES_AT_ALL)
  })
  // After a parser's error the framework closes the connection. Refused here, the body is dropped in the time
  // of a request, and the connection stays of use.
  app.addHook('preValidation', (request, _reply, next) => {
    if (request.body === NO_LINES_AT_ALL) next(unsupportedMediaType(request))
    else if (isEncoded(request)) next(new HttpError('unsupported_media_type', ENCODED))
    else if (!isInUtf8(request)) next(wrongCharset(request))
    else next()
  })
}
