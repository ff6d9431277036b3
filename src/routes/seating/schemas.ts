import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { commandErrors, queryErrors } from '../../http/error-schemas.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit } from '../../http/paging.ts'
import { eventIdError, EventIdParams, NoContent, ResponseHeaders } from '../../http/schemas.ts'
import {
  LabelsInputSchema,
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

export const putSeatingSchema = {
  operationId: 'putSeating',
  tags,
  summary: "Number an event's seats",
  description:
    'Sets the sections, rows and seats of an event, or replaces them. A seat keeps its booking by its ' +
    'label; one that somebody has, or that is blocked, can’t be removed. The capacity stays that of ' +
    '`total_seats` and of the pools.',
  params: EventIdParams,
  headers: CommandHeaders,
  body: SeatingSchema,
  response: {
    200: AnswerOf('The seating', SeatingSchema, seatingExample, 'ETag', 'Idempotency-Replayed'),
    ...commandErrors(
      eventIdError,
      ['missing_fields', 'sections is required'],
      ['validation_failed', 'sections.1.key must not be the same as sections.0.key'],
      ['unknown_pool', '"A" names the pool "stalls", which the event does not have'],
      'event_not_found',
      ['seats_taken', 'Seats that would be removed are taken, 2 in all: A-1-1, A-1-2'],
    ),
  },
}

export const removeSeatingSchema = {
  operationId: 'removeSeating',
  tags,
  summary: "Take the numbers of an event's seats away",
  description:
    'Removes the seating of an event, whose seats have no numbers then. A seat that somebody has, or ' +
    'that is blocked, keeps it.',
  params: EventIdParams,
  headers: CommandHeaders,
  response: {
    204: NoContent('The seats have no numbers any more', 'Idempotency-Replayed'),
    ...commandErrors(eventIdError, 'event_not_found', 'seating_not_found', [
      'seats_taken',
      'Seats that would be removed are taken, 2 in all: A-1-1, A-1-2',
    ]),
  },
}

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

const blocking = {
  tags,
  params: EventIdParams,
  headers: CommandHeaders,
  body: LabelsInputSchema,
}

export const blockSeatsSchema = {
  ...blocking,
  operationId: 'blockSeats',
  summary: 'Take seats from sale',
  description:
    'Blocks seats that nobody has, all or none. Those that are blocked already stay so. As many have to be ' +
    'left as somebody on the waitlist waits for.',
  response: {
    204: NoContent('The seats are blocked', 'Idempotency-Replayed'),
    ...commandErrors(
      eventIdError,
      ['missing_fields', 'labels is required'],
      ['labels_invalid', 'labels must be those of seats of the event, unlike A-9-9'],
      'event_not_found',
      [
        'seats_taken',
        'Some of the seats are taken: A-1-1',
        { details: { labels_taken: ['A-1-1'] } },
      ],
      'sold_out',
      [
        'capacity_below_waiting',
        'No more than 4 seats can be blocked: somebody in line waits for 6',
      ],
    ),
  },
}

export const unblockSeatsSchema = {
  ...blocking,
  operationId: 'unblockSeats',
  summary: 'Give seats back to sale',
  description:
    'Gives blocked seats back to sale, first to those who wait. Seats that are not blocked stay as they are.',
  response: {
    204: NoContent('The seats are for sale', 'Idempotency-Replayed'),
    ...commandErrors(
      eventIdError,
      ['missing_fields', 'labels is required'],
      ['labels_invalid', 'labels must be those of seats of the event, unlike A-9-9'],
      'event_not_found',
    ),
  },
}
