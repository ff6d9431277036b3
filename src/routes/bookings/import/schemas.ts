import { Type } from '@sinclair/typebox'
import { refTo } from '../../../http/answer-schema.ts'
import { NDJSON, NO_LINES } from '../../../http/body.ts'
import { errorResponses } from '../../../http/error-schemas.ts'
import { IdempotencyKeyOfLines } from '../../../http/idempotency.ts'
import { EventIdParams, eventIdError } from '../../../http/schemas.ts'
import { ImportLineSchema } from '../reserve-input.ts'
import { importAnswerExample, importExample } from './examples.ts'
import { ImportAnswerSchema } from './resources.ts'

export const MAX_IMPORT_LINES = 100_000

export const importBookingsSchema = {
  operationId: 'importBookings',
  tags: ['Bookings'],
  summary: 'Import bookings',
  description:
    `Reserves seats for many users: up to ${MAX_IMPORT_LINES} lines, each of them like a request to reserve ` +
    'of its own, all or nothing for itself. They are begun in their order and answered in their order, while ' +
    'the request is still being sent: a client has to read the answers as it sends. A line that was answered ' +
    'with 201 survives a crash. What was cut off, or stopped early, is sent again whole under the same ' +
    '`Idempotency-Key`: no line takes effect twice. Lines that go on to come more slowly than one a second end it, ' +
    'and lines that are wrong in themselves, where they come more slowly than a hundred a second. ' +
    'Needs an API key, for as long as it goes on; a token will not do.',
  headers: Type.Object({ 'idempotency-key': IdempotencyKeyOfLines }),
  params: EventIdParams,
  body: {
    required: true,
    content: {
      [NDJSON]: {
        schema: Type.String({
          contentMediaType: NDJSON,
          contentSchema: refTo(ImportLineSchema),
          description:
            'Lines of JSON, each an `ImportLine`. Blank ones are passed over, and count, but are no sign of life',
          examples: [importExample],
        }),
      },
    },
  },
  response: {
    200: {
      description: 'What came of each line',
      content: {
        [NDJSON]: {
          schema: Type.String({
            contentMediaType: NDJSON,
            contentSchema: refTo(ImportAnswerSchema),
            description: 'Lines of JSON, each an `ImportAnswer`',
          }),
          example: importAnswerExample,
        },
      },
    },
    ...errorResponses(
      eventIdError,
      ['validation_failed', 'Idempotency-Key is required'],
      ['unsupported_media_type', NO_LINES],
      'internal_error',
      'overloaded',
      'shutting_down',
    ),
  },
}
