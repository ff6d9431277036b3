import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { commandErrors } from '../../http/error-schemas.ts'
import { CommandHeaders, IdempotencyKey } from '../../http/idempotency.ts'
import { SEATING_CHANGED } from '../../http/refusal-texts.ts'
import { eventIdError, EventIdParams, NoContent } from '../../http/schemas.ts'
import { LabelsInputSchema, seatingExample, SeatingSchema } from './resources.ts'

const tags = ['Seating']

const conditions = {
  'idempotency-key': IdempotencyKey,
  'if-match': Type.Optional(
    Type.String({ description: 'ETag that the seating must still have (RFC 9110)' }),
  ),
}

const CHANGED = ['precondition_failed', SEATING_CHANGED] as const

export const putSeatingSchema = {
  operationId: 'putSeating',
  tags,
  summary: "Number an event's seats",
  description:
    'Sets the sections, rows and seats of an event, or replaces them. A seat keeps its booking by its ' +
    'label; one that somebody has, or that is blocked, can’t be removed. The capacity stays that of ' +
    '`total_seats` and of the pools.',
  params: EventIdParams,
  headers: Type.Object({
    ...conditions,
    'if-none-match': Type.Optional(
      Type.String({ description: '`*`: only where the event has no seating yet (RFC 9110)' }),
    ),
  }),
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
      CHANGED,
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
  headers: Type.Object(conditions),
  response: {
    204: NoContent('The seats have no numbers any more', 'Idempotency-Replayed'),
    ...commandErrors(
      eventIdError,
      'event_not_found',
      'seating_not_found',
      ['seats_taken', 'Seats that would be removed are taken, 2 in all: A-1-1, A-1-2'],
      CHANGED,
    ),
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
