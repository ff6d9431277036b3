import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { CommandHeaders, IdempotencyKey } from '../../http/idempotency.ts'
import { Cursor, Limit } from '../../http/paging.ts'
import {
  commandErrors,
  EventIdParams,
  eventIdError,
  MAX_INTEGER,
  NoContent,
  oneOf,
  PATCH_TYPES,
  queryErrors,
} from '../../http/schemas.ts'
import { Text } from '../../http/validation/text.ts'
import { eventExample } from './examples.ts'
import { EventInputSchema, EventPageSchema, EventPatch, EventSchema } from './resources.ts'

const conditionalHeaders = Type.Object({
  'idempotency-key': IdempotencyKey,
  'if-match': Type.Optional(
    Type.String({ description: 'ETag that the event must still have (RFC 9110)' }),
  ),
})
const tags = ['Events']

export const createEventSchema = {
  operationId: 'createEvent',
  tags,
  summary: 'Create an event',
  description: 'Creates an event. All its seats are available.',
  headers: CommandHeaders,
  body: EventInputSchema,
  response: {
    201: AnswerOf(
      'The event is created',
      EventSchema,
      eventExample,
      'Location',
      'ETag',
      'Idempotency-Replayed',
    ),
    ...commandErrors(
      ['missing_fields', 'name and total_seats are required'],
      ['validation_failed', `total_seats must be an integer between 0 and ${MAX_INTEGER}`],
      'sales_window_invalid',
    ),
  },
}

export const listEventsSchema = {
  operationId: 'listEvents',
  tags,
  summary: 'List events',
  description:
    'Lists events as they are now. With `sort=starts_at`, events without a start come last in ' +
    'either order. Go on until `next_cursor` is null: a page before that may be short.',
  querystring: Type.Object({
    name: Type.Optional(
      Text({ description: 'Only events whose name contains this; case-insensitive' }),
    ),
    upcoming: Type.Optional(
      Type.Boolean({ description: 'true: only events that have not started' }),
    ),
    sort: Type.Optional(
      oneOf(['id', 'starts_at', 'name'], { description: 'What to sort by; default: id' }),
    ),
    order: Type.Optional(oneOf(['asc', 'desc'], { description: 'Sort order; default: asc' })),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: AnswerOf('A page of events', EventPageSchema, {
      events: [eventExample],
      next_cursor: null,
    }),
    ...queryErrors('invalid_cursor', [
      'validation_failed',
      'limit must be an integer between 1 and 100',
    ]),
  },
}

export const getEventSchema = {
  operationId: 'getEvent',
  tags,
  summary: 'Read an event',
  description:
    'Returns the event as it is now: seats of expired holds are available. With `If-None-Match`, ' +
    'the answer is 304 if nothing has changed.',
  params: EventIdParams,
  headers: Type.Object({
    'if-none-match': Type.Optional(
      Type.String({ description: 'ETag of the copy that the client has (RFC 9110)' }),
    ),
  }),
  response: {
    200: AnswerOf('The event', EventSchema, eventExample, 'ETag'),
    304: NoContent('The event has not changed', 'ETag'),
    ...queryErrors(eventIdError, 'event_not_found'),
  },
}

export const changeEventSchema = {
  operationId: 'changeEvent',
  tags,
  summary: 'Change an event',
  description:
    'Changes the members that are given, at least one; null clears a time. Seats that are added ' +
    'go to the waitlist.',
  params: EventIdParams,
  headers: conditionalHeaders,
  consumes: PATCH_TYPES,
  body: EventPatch,
  response: {
    200: AnswerOf('The changed event', EventSchema, eventExample, 'ETag', 'Idempotency-Replayed'),
    ...commandErrors(
      eventIdError,
      ['validation_failed', 'hold_seconds must be an integer between 1 and 86400'],
      'sales_window_invalid',
      'event_not_found',
      ['capacity_below_taken', 'total_seats must not be less than the 5 seats taken'],
      [
        'capacity_below_waiting',
        'total_seats must not be less than the 4 seats that somebody in line waits for',
      ],
      'precondition_failed',
    ),
  },
}

export const deleteEventSchema = {
  operationId: 'deleteEvent',
  tags,
  summary: 'Delete an event',
  description:
    'Deletes an event with its waitlist. If it has bookings, `force=true` is required and deletes ' +
    'them too. The event is 404 at once; its rows are removed in the background. Its history ' +
    'can still be read.',
  params: EventIdParams,
  headers: conditionalHeaders,
  querystring: Type.Object({
    force: Type.Optional(
      Type.Boolean({ description: 'true: delete its bookings too; default: false' }),
    ),
  }),
  response: {
    204: NoContent('The event is deleted', 'Idempotency-Replayed'),
    ...commandErrors(eventIdError, 'event_not_found', 'event_has_bookings', 'precondition_failed'),
  },
}
