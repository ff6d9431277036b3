import { Type, type Static } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import { BOOKING_STATUSES } from '../../domain/model.ts'
import { MAX_HOLD_SECONDS, MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { component } from '../../http/answer-schema.ts'
import { PageOf } from '../../http/paging.ts'
import { MAX_INTEGER, nullable, oneOf, Timestamp } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'
import { STORABLE_KEYWORD } from '../../http/validation/storable.ts'
import { Text } from '../../http/validation/text.ts'
import { eventInputExample, eventPatchExample } from './examples.ts'

const MAX_METADATA_BYTES = 16_384
const MAX_METADATA_DEPTH = 16

const Name = Text({ description: 'Name of the event' })
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
    `${MAX_METADATA_DEPTH} deep, without NUL characters, lone surrogates and numbers beyond ±1.8e308`,
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
  max_seats_per_booking: Optional(MaxSeats),
  hold_seconds: Optional(HoldSeconds),
  waitlist_promotes_to: Optional(PromotesTo),
  metadata: Optional(Metadata),
}

export const EventInputSchema = component(
  'EventInput',
  Type.Object(
    { name: Name, total_seats: TotalSeats, ...optionalSettings },
    { examples: [eventInputExample] },
  ),
  'What an event is to be like',
)
export const EventPatch = component(
  'EventPatch',
  Type.Object(
    { name: Optional(Name), total_seats: Optional(TotalSeats), ...optionalSettings },
    { examples: [eventPatchExample] },
  ),
  'What is to change, at least one member. Null clears a time; any other member counts as not ' +
    'given where it is null.',
)
export type EventChange = Static<typeof EventPatch>

export const EventSchema = component(
  'Event',
  Type.Object({
    id: Type.Integer({ description: 'Id of the event' }),
    // What another program wrote may not keep our rule for names.
    name: Type.String({ description: 'Name of the event' }),
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
  }),
  'An event as it is now',
)

export const EventPageSchema = PageOf('EventPage', {
  description: 'A page of events',
  rows: 'events',
  schema: EventSchema,
  order: 'The events, in the order asked for',
})
