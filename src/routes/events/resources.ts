import { Type, type Static } from '@sinclair/typebox'
import { BOOKING_STATUSES, EVENT_STATUSES } from '../../domain/model.ts'
import { MAX_HOLD_SECONDS, MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { component } from '../../http/answer-schema.ts'
import { Metadata, StoredMetadata } from '../../http/metadata.ts'
import { PageOf } from '../../http/paging.ts'
import { MAX_INTEGER, Moment, nullable, oneOf, Timestamp } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'
import { Text } from '../../http/validation/text.ts'
import { TimeZone } from '../../http/validation/time-zone.ts'
import { eventInputExample, eventPatchExample } from './examples.ts'
import { offerInput, offerShown } from './offer.ts'

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
const Status = oneOf(EVENT_STATUSES, {
  description:
    'Whether seats can be had: only while on_sale; cancelled is final, and ends all bookings; ' +
    'default: on_sale',
})
const Zone = nullable(TimeZone, {
  description: 'IANA name of the time zone to show the times in, such as Europe/Berlin',
})

const optionalSettings = {
  starts_at: Type.Optional(Moment('When the event starts')),
  sales_start_at: Type.Optional(Moment('When sales start; null: no limit')),
  sales_end_at: Type.Optional(Moment('When sales end; null: no limit')),
  max_seats_per_booking: Optional(MaxSeats),
  hold_seconds: Optional(HoldSeconds),
  waitlist_promotes_to: Optional(PromotesTo),
  ...offerInput,
  status: Optional(Status),
  time_zone: Type.Optional(Zone),
  cancel_until: Type.Optional(
    Moment('From when on confirmed bookings can be neither cancelled nor shrunk; null: no limit'),
  ),
  waitlist_closes_at: Type.Optional(
    Moment('From when on nobody can join the waitlist; null: no limit'),
  ),
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
  'What is to change, at least one member. Null clears a time or the time zone; any other member ' +
    'counts as not given where it is null.',
)
export type EventChange = Static<typeof EventPatch>

export const EventSchema = component(
  'Event',
  Type.Object({
    id: Type.Integer({ description: 'Id of the event' }),
    // What another program wrote may not keep our rule for names.
    name: Type.String({ description: 'Name of the event' }),
    total_seats: TotalSeats,
    available_seats: Type.Integer({ description: 'Seats that are neither taken nor blocked' }),
    booked_seats: Type.Integer({ description: 'Seats of confirmed bookings' }),
    held_seats: Type.Integer({ description: 'Seats of holds that have not expired' }),
    blocked_seats: Type.Integer({ description: 'Numbered seats that are not for sale' }),
    waitlist_length: Type.Integer({ description: 'Number of waitlist entries' }),
    starts_at: nullable(Timestamp, { description: 'When the event starts' }),
    sales_start_at: nullable(Timestamp, { description: 'When sales start; null: no limit' }),
    sales_end_at: nullable(Timestamp, { description: 'When sales end; null: no limit' }),
    max_seats_per_booking: MaxSeats,
    hold_seconds: HoldSeconds,
    waitlist_promotes_to: PromotesTo,
    ...offerShown,
    status: Status,
    // What another program wrote may be no time zone.
    time_zone: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'IANA name of the time zone to show the times in',
    }),
    cancel_until: nullable(Timestamp, {
      description: 'From when on confirmed bookings can be neither cancelled nor shrunk',
    }),
    waitlist_closes_at: nullable(Timestamp, {
      description: 'From when on nobody can join the waitlist; null: no limit',
    }),
    metadata: StoredMetadata,
  }),
  'An event as it is now',
)

export const EventPageSchema = PageOf('EventPage', {
  description: 'A page of events',
  rows: 'events',
  schema: EventSchema,
  order: 'The events, in the order asked for',
})
