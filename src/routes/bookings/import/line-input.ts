import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from '@sinclair/typebox'
import { jsonReader } from '../../../http/json-reader.ts'
import { failureOfBody } from '../../../http/classify.ts'
import { HttpError } from '../../../http/errors.ts'
import type { Line } from '../../../http/ndjson/lines.ts'
import { compileAsBody } from '../../../http/validation/validator.ts'
import { ImportLineSchema } from '../reserve-input.ts'

type LineInput = Static<typeof ImportLineSchema>

const OTHER_EVENT = { text: 'event_id must be left out, or be that of the path' }

/**
 * Makes what reads a line as the body of a request is read: the same JSON, the same members, the same texts.
 *
 * @throws (the reader) HttpError, or the framework's own, where the line is not right
 */
export function lineReader(app: FastifyInstance, maxLineBytes: number) {
  const readJson = jsonReader(app)
  const isLineInput = compileAsBody(ImportLineSchema)
  const tooLong = { text: `A line must have at most ${maxLineBytes} bytes` }

  return (request: FastifyRequest, eventId: number, line: Line): LineInput => {
    if (line === null) throw new HttpError('payload_too_large', tooLong)
    const input = readJson(request, line)
    if (!isLineInput(input)) {
      const failure = failureOfBody(ImportLineSchema, input, isLineInput.errors)
      throw new HttpError(failure.code, { text: failure.text })
    }
    // Members that nobody knows are passed over; this one would book what was not asked for.
    const named: unknown = Reflect.get(input, 'event_id')
    if (named !== undefined && named !== eventId) {
      throw new HttpError('validation_failed', OTHER_EVENT)
    }
    return input
  }
}
