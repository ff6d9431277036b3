import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { queryErrors } from '../../http/error-schemas.ts'
import { Cursor, Limit } from '../../http/paging.ts'
import { eventIdError, EventIdParams, NoContent, ResponseHeaders } from '../../http/schemas.ts'
import {
  seatExample,
  seatingExample,
  SeatingSchema,
  SeatPageSchema,
  SeatStatusSchema,
} from './resources.ts'

const tags = ['Seating']

const IfNoneMatch = Type.Object({
  'if-none-match': Type.Optional(
    Type.String({ description: 'ETag of the copy that the client has (RFC 9110)' }),
  ),
})

export const getSeatingSchema = {
  operationId: 'getSeating',
  tags,
  summary: "Read an event's seating",
  description: 'Returns the sections, rows and seats as they were set.',
  params: EventIdParams,
  headers: IfNoneMatch,
  response: {
    200: AnswerOf('The seating', SeatingSchema, seatingExample, 'ETag'),
    304: NoContent('The seating has not changed', 'ETag'),
    ...queryErrors(eventIdError, 'event_not_found', 'seating_not_found'),
  },
}

export const listSeatsSchema = {
  operationId: 'listSeats',
  tags,
  summary: 'List seats',
  description:
    'Lists the numbered seats of an event as they are now, in the order of the seating. Go on until ' +
    '`next_cursor` is null: a page before that may be short.',
  params: EventIdParams,
  querystring: Type.Object({
    status: Type.Optional(SeatStatusSchema),
    section: Type.Optional(Type.String({ maxLength: 64, description: 'Key of a section' })),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: AnswerOf('A page of seats', SeatPageSchema, { seats: [seatExample], next_cursor: null }),
    ...queryErrors(
      eventIdError,
      'invalid_cursor',
      'unknown_section',
      'event_not_found',
      'seating_not_found',
    ),
  },
}

export const seatMapSchema = {
  operationId: 'getSeatMap',
  tags,
  summary: 'Read the map of all seats',
  description:
    'Two bits for each seat, in the order of the seating: 0 free, 1 held, 2 booked, 3 blocked. Four seats ' +
    'a byte, the first in its lowest bits. `X-Seating` is the ETag of the seating that it is of.',
  params: EventIdParams,
  headers: IfNoneMatch,
  response: {
    200: {
      description: 'The map',
      headers: {
        ETag: ResponseHeaders.ETag,
        'X-Seating': Type.String({ description: 'ETag of the seating' }),
      },
      content: {
        'application/octet-stream': { schema: Type.String({ format: 'binary' }) },
      },
    },
    304: NoContent('No seat has changed', 'ETag'),
    ...queryErrors(eventIdError, 'event_not_found', 'seating_not_found'),
  },
}
