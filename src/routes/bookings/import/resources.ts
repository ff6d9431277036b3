import { Type } from '@sinclair/typebox'
import { component, refTo } from '../../../http/answer-schema.ts'
import { BookingSchema, EntrySchema } from '../resources.ts'

export const ImportAnswerSchema = component(
  'ImportAnswer',
  Type.Object({
    line: Type.Integer({ description: 'Number of the line that it answers, from 1' }),
    status: Type.Integer({
      description: 'The status that a request to reserve would have been answered with',
    }),
    booking: Type.Optional(refTo(BookingSchema)),
    waitlist_entry: Type.Optional(refTo(EntrySchema)),
    replayed: Type.Optional(
      Type.Boolean({ description: '`true` if the line took effect before, under the same key' }),
    ),
    error: Type.Optional(Type.Ref('Problem#')),
    retry_after: Type.Optional(
      Type.Integer({ description: 'Seconds to wait before the import is sent again' }),
    ),
    stopped: Type.Optional(
      Type.Boolean({
        description: '`true` on the last answer of an import that ended before its lines did',
      }),
    ),
  }),
  'The answer to a line of an import: `booking` with 201, `waitlist_entry` with 202, else `error`',
)
