import { Type, type Static } from '@sinclair/typebox'
import { CommandHeaders, IdempotencyKey } from '../../http/idempotency.ts'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import { STORABLE_KEYWORD } from '../../http/storable.ts'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import {
  commandErrors,
  headersOf,
  IdParams,
  idError,
  MAX_ID,
  MAX_SEATS_PER_BOOKING,
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
  description: 'What the event is called',
})
const TotalSeats = Type.Integer({ minimum: 0, maximum: MAX_ID, description: 'Its capacity' })
const MaxSeats = Type.Integer({
  minimum: 1,
  maximum: MAX_SEATS_PER_BOOKING,
  description: 'Seats that one booking may take; 1 unless told',
})
const HoldSeconds = Type.Integer({
  minimum: 1,
  maximum: 86_400,
  description: 'How long a hold lasts, in seconds; 600 unless told',
})
const PromotesTo = oneOf(['confirmed', 'held'], {
  description: 'What the waitlist promotes to: a confirmed booking (unless told) or a hold',
})
// No Type.Record: its pattern for names, `^(.*)$`, leaves out those with a line break.
const freeObject = (options: object) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, ...options })

const Metadata = freeObject({
  [STORABLE_KEYWORD]: { maxBytes: MAX_METADATA_BYTES, maxDepth: MAX_METADATA_DEPTH },
  [RULE_KEYWORD]:
    `an object of at most ${MAX_METADATA_BYTES} bytes as JSON, nested at most ` +
    `${MAX_METADATA_DEPTH} deep, without NUL characters and lone surrogates`,
  description: "Anything of the client's own",
})
const Moment = (description: string) =>
  nullable(Timestamp, {
    [RULE_KEYWORD]:
      'an ISO 8601 date-time with its offset from UTC, in the years 1 to 9999, or null',
    description,
  })

const optionalSettings = {
  starts_at: Type.Optional(Moment('When it starts')),
  sales_start_at: Type.Optional(Moment('Seats can be reserved from then on')),
  sales_end_at: Type.Optional(Moment('Seats can be reserved until then')),
  max_seats_per_booking: Type.Optional(MaxSeats),
  hold_seconds: Type.Optional(HoldSeconds),
  waitlist_promotes_to: Type.Optional(PromotesTo),
  metadata: Type.Optional(Metadata),
}

export const EventInput = Type.Object(
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
  id: Type.Integer({ description: 'The event' }),
  name: Name,
  total_seats: TotalSeats,
  available_seats: Type.Integer({ description: 'Seats that nobody has' }),
  booked_seats: Type.Integer({ description: 'Seats of confirmed bookings' }),
  held_seats: Type.Integer({ description: 'Seats of holds that have not expired' }),
  waitlist_length: Type.Integer({ description: 'Parties in line' }),
  starts_at: nullable(Timestamp, { description: 'When it starts' }),
  sales_start_at: nullable(Timestamp, { description: 'Seats can be reserved from then on' }),
  sales_end_at: nullable(Timestamp, { description: 'Seats can be reserved until then' }),
  max_seats_per_booking: MaxSeats,
  hold_seconds: HoldSeconds,
  waitlist_promotes_to: PromotesTo,
  metadata: freeObject({ description: "The client's own" }),
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
    Type.String({ description: 'The ETag that the event must still have (RFC 9110)' }),
  ),
})
const tags = ['Events']

export const createEventSchema = {
  operationId: 'createEvent',
  tags,
  summary: 'Create an event',
  description: 'Makes an event, with all its seats free.',
  headers: CommandHeaders,
  body: EventInput,
  response: {
    201: EventSchema('The event is made', 'Location', 'ETag', 'Idempotency-Replayed'),
    ...commandErrors(
      ['missing_fields', 'name and total_seats are required'],
      ['validation_failed', `total_seats must be an integer between 0 and ${MAX_ID}`],
      'sales_window_invalid',
    ),
  },
}

export const listEventsSchema = {
  operationId: 'listEvents',
  tags,
  summary: 'List events',
  description:
    'Events as they are at this instant, page by page. Without a start, an event sorts last, ' +
    'whatever the order.',
  querystring: Type.Object({
    name: Type.Optional(
      Type.String({
        pattern: '^[^\\p{Cc}\\p{Cs}]{1,255}$',
        [RULE_KEYWORD]: 'a string of 1 to 255 characters without control characters',
        description: 'Only events with this in their names, in capitals or not',
      }),
    ),
    upcoming: Type.Optional(
      Type.Boolean({ description: 'true: only events that are yet to start' }),
    ),
    sort: Type.Optional(
      oneOf(['id', 'starts_at', 'name'], { description: 'What to sort by; id unless told' }),
    ),
    order: Type.Optional(oneOf(['asc', 'desc'], { description: 'asc unless told' })),
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
    'The event as it is at this instant: an expired hold is available. With `If-None-Match` it ' +
    'is 304 where nothing has changed.',
  params: IdParams,
  headers: Type.Object({
    'if-none-match': Type.Optional(
      Type.String({ description: 'The ETag that the client has (RFC 9110)' }),
    ),
  }),
  response: {
    200: EventSchema('The event', 'ETag'),
    304: NoContent('The client has it already', 'ETag'),
    ...queryErrors(idError, 'event_not_found'),
  },
}

export const changeEventSchema = {
  operationId: 'changeEvent',
  tags,
  summary: 'Change an event',
  description:
    'Changes the members that are given; null clears a time. More seats serve the waitlist in ' +
    'the same transaction.',
  params: IdParams,
  headers: conditionalHeaders,
  body: EventPatch,
  response: {
    200: EventSchema('The event as it is now', 'ETag', 'Idempotency-Replayed'),
    ...commandErrors(
      idError,
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
  description: 'Deletes an event; with its bookings only where that is forced. Its history stays.',
  params: IdParams,
  headers: conditionalHeaders,
  querystring: Type.Object({
    force: Type.Optional(Type.Boolean({ description: 'true: its bookings are deleted too' })),
  }),
  response: {
    204: NoContent('The event is gone', 'Idempotency-Replayed'),
    ...commandErrors(idError, 'event_not_found', 'event_has_bookings', 'precondition_failed'),
  },
}
