import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit, Order } from '../../http/paging.ts'
import { commandErrors, queryErrors } from '../../http/error-schemas.ts'
import { EventIdParams, eventIdError, MAX_INTEGER, NoContent, oneOf } from '../../http/schemas.ts'
import { Text } from '../../http/validation/text.ts'
import { eventExample } from './examples.ts'
import { EventInputSchema, EventPageSchema, EventSchema } from './resources.ts'

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
      ['unknown_pool', 'ticket_types.0.pools.1 must be a pool of the event, which "stalls" is not'],
      ['duplicate_key', 'ticket_types.1.key must be unique, which "adult" is not'],
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
    order: Order,
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
