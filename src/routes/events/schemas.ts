import { Type, type Static } from '@sinclair/typebox'
import { BOOKING_STATUSES } from '../../domain/model.ts'
import { MAX_HOLD_SECONDS, MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { CommandHeaders, IdempotencyKey } from '../../http/idempotency.ts'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import { STORABLE_KEYWORD } from '../../http/storable.ts'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import {
  commandErrors,
  headersOf,
  EventIdParams,
  eventIdError,
  MAX_INTEGER,
  NoContent,
  nullable,
  oneOf,
  queryErrors,
  type ResponseHeaders,
  Timestamp,
} from '../../http/schemas.ts'

const MAX_METADATA_BYTES = 16_384
const MAX_METADATA_DEPTH = 16

const Name = Type.String({
  pattern: '^[^\\p{Cc}\\p{Cs}]{1,255}$',
  [RULE_KEYWORD]: 'a string of 1 to 255 characters without control characters',
  description: 'Name of the event',
})
const TotalSeats = Type.Integer({ minimum: 0, maximum: MAX_INTEGER, description: 'Capacity' })
const MaxSeats = Type.Integer({
  minimum: 1,
  maximum: MAX_SEATS_PER_BOOKING,
  description: 'Most seats that one booking may have; default: 1',
})
const HoldSeconds = Type.Integer({
  minimum: 1,
  maximum: MAX_HOLD_SECONDS,
  description: 'How long a hold lasts, in seconds; default: 600',
})
const PromotesTo = oneOf(BOOKING_STATUSES, {
  description:
    'What a waitlist entry is promoted to: a confirmed booking or a hold; default: confirmed',
})
// Not Type.Record: its pattern for names, `^(.*)$`, drops those with a line break.
const freeObject = (options: object) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, ...options })

const Metadata = freeObject({
  [STORABLE_KEYWORD]: { maxBytes: MAX_METADATA_BYTES, maxDepth: MAX_METADATA_DEPTH },
  [RULE_KEYWORD]:
    `an object of at most ${MAX_METADATA_BYTES} bytes as JSON, nested at most ` +
    `${MAX_METADATA_DEPTH} deep, without NUL characters and lone surrogates`,
  description: 'Any JSON object of the client; default: {}',
})
const Moment = (description: string) =>
  nullable(Timestamp, {
    [RULE_KEYWORD]:
      'an ISO 8601 date-time with its offset from UTC, in the years 1 to 9999, or null',
    description,
  })

const optionalSettings = {
  starts_at: Type.Optional(Moment('When the event starts')),
  sales_start_at: Type.Optional(Moment('When sales start; null: no limit')),
  sales_end_at: Type.Optional(Moment('When sales end; null: no limit')),
  max_seats_per_booking: Type.Optional(MaxSeats),
  hold_seconds: Type.Optional(HoldSeconds),
  waitlist_promotes_to: Type.Optional(PromotesTo),
  metadata: Type.Optional(Metadata),
}

const EventInput = Type.Object(
  { name: Name, total_seats: TotalSeats, ...optionalSettings },
  { examples: [{ name: 'Concert', total_seats: 100, max_seats_per_booking: 4 }] },
)
export const EventPatch = Type.Object(
  { name: Type.Optional(Name), total_seats: Type.Optional(TotalSeats), ...optionalSettings },
  { examples: [{ total_seats: 120 }] },
)
export type EventChange = Static<typeof EventPatch>

const example = {
  id: 1,
  name: 'Concert',
  total_seats: 100,
  available_seats: 95,
  booked_seats: 3,
  held_seats: 2,
  waitlist_length: 0,
  starts_at: '2026-06-01T19:00:00.000Z',
  sales_start_at: null,
  sales_end_at: null,
  max_seats_per_booking: 4,
  hold_seconds: 600,
  waitlist_promotes_to: 'confirmed',
  metadata: {},
}

const members = {
  id: Type.Integer({ description: 'Id of the event' }),
  name: Name,
  total_seats: TotalSeats,
  available_seats: Type.Integer({ description: 'Seats that are not taken' }),
  booked_seats: Type.Integer({ description: 'Seats of confirmed bookings' }),
  held_seats: Type.Integer({ description: 'Seats of holds that have not expired' }),
  waitlist_length: Type.Integer({ description: 'Number of waitlist entries' }),
  starts_at: nullable(Timestamp, { description: 'When the event starts' }),
  sales_start_at: nullable(Timestamp, { description: 'When sales start; null: no limit' }),
  sales_end_at: nullable(Timestamp, { description: 'When sales end; null: no limit' }),
  max_seats_per_booking: MaxSeats,
  hold_seconds: HoldSeconds,
  waitlist_promotes_to: PromotesTo,
  metadata: freeObject({ description: 'The JSON object that the client stored' }),
}
const EventSchema = (description: string, ...headers: (keyof typeof ResponseHeaders)[]) =>
  Type.Object(members, {
    description,
    examples: [example],
    headers: headersOf(...headers),
  })

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
  body: EventInput,
  response: {
    201: EventSchema('The event is created', 'Location', 'ETag', 'Idempotency-Replayed'),
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
    'either order.',
  querystring: Type.Object({
    name: Type.Optional(
      Type.String({
        pattern: '^[^\\p{Cc}\\p{Cs}]{1,255}$',
        [RULE_KEYWORD]: 'a string of 1 to 255 characters without control characters',
        description: 'Only events whose name contains this; case-insensitive',
      }),
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
    200: Type.Object(
      { events: Type.Array(Type.Object(members)), next_cursor: NextCursor },
      { description: 'A page of events', examples: [{ events: [example], next_cursor: null }] },
    ),
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
    200: EventSchema('The event', 'ETag'),
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
  body: EventPatch,
  response: {
    200: EventSchema('The changed event', 'ETag', 'Idempotency-Replayed'),
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
