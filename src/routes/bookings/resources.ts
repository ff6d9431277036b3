import { Type, type Static } from '@sinclair/typebox'
import { BOOKING_STATUSES, END_REASONS } from '../../domain/model.ts'
import { component, refTo } from '../../http/answer-schema.ts'
import { Metadata, StoredMetadata } from '../../http/metadata.ts'
import { PageOf } from '../../http/paging.ts'
import { nullable, oneOf, Timestamp } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'
import { ENDED_STATUSES } from './ended.ts'
import { bookingPatchExample, confirmInputExample } from './examples.ts'
import { Lines, LinesShown } from './lines.ts'
import { Seats } from './reserve-input.ts'

export const Status = oneOf([...BOOKING_STATUSES, ...END_REASONS], {
  description:
    'confirmed: stays until it is cancelled; held: ends at `expires_at`. Both take seats. Of what has ' +
    'ended: expired or, a hold that was given back, released; or cancelled',
})
export const ListedStatus = oneOf([...BOOKING_STATUSES, ...ENDED_STATUSES], {
  description:
    'Only bookings with this status; without it those that are confirmed or held. Of what has ended in the ' +
    'last week, expired lists holds whose time had come, and cancelled also those that were released',
})

export const BookingSchema = component(
  'Booking',
  Type.Object({
    id: Type.Integer({ description: 'Id of the booking' }),
    event_id: Type.Integer({ description: 'Id of the event' }),
    user_id: Type.String({ description: 'Id of the user who has the seats' }),
    seats: Type.Integer({ description: 'Number of seats' }),
    lines: LinesShown,
    status: Status,
    expires_at: nullable(Timestamp, { description: 'When the hold expires; null if confirmed' }),
    created_at: nullable(Timestamp, {
      description: 'When the booking was made, in UTC; null if another program wrote none',
    }),
    reference: Type.String({
      description:
        'What people can call the booking by: 8 characters (11 for ids from 2^40 on), none of which ' +
        'looks like another. It stands for the `id`, and is no secret',
    }),
    metadata: StoredMetadata,
    ended_at: Type.Optional(Timestamp({ description: 'When it ended; only where it has ended' })),
  }),
  'Seats that a user holds or has booked',
)

export const EntrySchema = component(
  'WaitlistEntry',
  Type.Object({
    id: Type.Integer({ description: 'Id of the waitlist entry' }),
    event_id: Type.Integer({ description: 'Id of the event' }),
    user_id: Type.String({ description: 'Id of the user who waits' }),
    seats: Type.Integer({ description: 'Number of seats wanted, all or nothing' }),
    lines: LinesShown,
    position: Type.Integer({ description: 'Position in the waitlist; 1 is served next' }),
    created_at: Timestamp({ description: 'When the user joined the waitlist, in UTC' }),
    metadata: StoredMetadata,
  }),
  'A user who waits for seats',
)

export const BookingPatchSchema = component(
  'BookingPatch',
  Type.Object(
    { seats: Optional(Seats), lines: Lines, metadata: Optional(Metadata) },
    { examples: [bookingPatchExample] },
  ),
  'What is to change, at least one member, and not both seats and lines. One that is null counts as not given.',
)

const Confirming = Type.Object({
  reacquire: Optional(
    Type.Boolean({
      description:
        'Take the same seats again if the hold has expired within the last week, they are free and nobody ' +
        'waits; default: false',
    }),
  ),
})
export const ConfirmInputSchema = component(
  'ConfirmInput',
  Type.Unsafe<Static<typeof Confirming> | null>({
    ...Confirming,
    type: ['object', 'null'],
    examples: [confirmInputExample],
  }),
  'How a hold is to be confirmed; may be left out. What is no object is passed over',
)
/** As versions before had it, which passed any body over: only an object has something to say. */
export const AnyConfirmInput = Type.Unsafe<unknown>({
  ...ConfirmInputSchema,
  type: ['object', 'array', 'string', 'number', 'boolean', 'null'],
})

export const RESERVED = 'Booking reserved successfully'
export const ReservedSchema = component(
  'Reserved',
  Type.Object({
    message: Type.Literal(RESERVED, { description: 'What has happened' }),
    booking: refTo(BookingSchema),
  }),
  'The answer to a reservation',
)

export const QUEUED = 'Added to the waitlist'
export const QueuedSchema = component(
  'Queued',
  Type.Object({
    message: Type.Literal(QUEUED, { description: 'What has happened' }),
    waitlist_entry: refTo(EntrySchema),
  }),
  'The answer to a reservation for which there was no room',
)

export const BookingPageSchema = PageOf('BookingPage', {
  description: 'A page of bookings',
  rows: 'bookings',
  schema: BookingSchema,
  order: 'The bookings, by id; those that have ended, by when they did',
})
