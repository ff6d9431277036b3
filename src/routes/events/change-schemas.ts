import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { commandErrors } from '../../http/error-schemas.ts'
import { IdempotencyKey } from '../../http/idempotency.ts'
import { eventIdError, EventIdParams, NoContent, PATCH_TYPES } from '../../http/schemas.ts'
import { eventExample } from './examples.ts'
import { EventPatch, EventSchema } from './resources.ts'

const conditionalHeaders = Type.Object({
  'idempotency-key': IdempotencyKey,
  'if-match': Type.Optional(
    Type.String({ description: 'ETag that the event must still have (RFC 9110)' }),
  ),
})
const tags = ['Events']

export const changeEventSchema = {
  operationId: 'changeEvent',
  tags,
  summary: 'Change an event',
  description:
    'Changes the members that are given, at least one; null clears a time or the time zone. Seats ' +
    'that are added go to the waitlist, as soon as the event is on sale. An event that is ' +
    'cancelled stays so: its bookings and its waitlist end in the background.',
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
      ['unknown_pool', 'ticket_types.0.pools.1 must be a pool of the event, which "stalls" is not'],
      ['duplicate_key', 'ticket_types.1.key must be unique, which "adult" is not'],
      'event_not_found',
      'event_cancelled',
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
