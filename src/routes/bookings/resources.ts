import { Type } from '@sinclair/typebox'
import { BOOKING_STATUSES } from '../../domain/model.ts'
import { MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { component, refTo } from '../../http/answer-schema.ts'
import { PageOf } from '../../http/paging.ts'
import { MAX_INTEGER, nullable, oneOf, Timestamp } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { reserveInputExample, seatsInputExample } from './examples.ts'

export const EventId = Type.Integer({
  minimum: 1,
  maximum: MAX_INTEGER,
  description: 'Id of the event',
})

const UserId = UserIdText({
  description:
    'Id of the user: any string that the client chooses and that is not blank. With a token it is the ' +
    "token's subject, and may be left out or null",
})

export const Seats = Type.Integer({
  minimum: 1,
  maximum: MAX_SEATS_PER_BOOKING,
  description: "Number of seats, at most the event's `max_seats_per_booking`",
})
export const Status = oneOf(BOOKING_STATUSES, {
  description:
    'confirmed: stays until it is cancelled; held: ends at `expires_at`. Both take seats.',
})

export const BookingSchema = component(
  'Booking',
  Type.Object({
    id: Type.Integer({ description: 'Id of the booking' }),
    event_id: Type.Integer({ description: 'Id of the event' }),
    user_id: Type.String({ description: 'Id of the user who has the seats' }),
    seats: Type.Integer({ description: 'Number of seats' }),
    status: Status,
    expires_at: nullable(Timestamp, { description: 'When the hold expires; null if confirmed' }),
    created_at: nullable(Timestamp, {
      description: 'When the booking was made, in UTC; null if another program wrote none',
    }),
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
    position: Type.Integer({ description: 'Position in the waitlist; 1 is served next' }),
    created_at: Timestamp({ description: 'When the user joined the waitlist, in UTC' }),
  }),
  'A user who waits for seats',
)

export const ReserveInputSchema = component(
  'ReserveInput',
  Type.Object(
    {
      event_id: EventId,
      user_id: UserId,
      seats: Optional({
        ...Seats,
        description: "Number of seats, at most the event's `max_seats_per_booking`; default: 1",
      }),
      hold: Optional(
        Type.Boolean({ description: 'Hold the seats until `expires_at`; default: false' }),
      ),
      waitlist: Optional(
        Type.Boolean({ description: 'Join the waitlist if there is no room; default: false' }),
      ),
    },
    { examples: [reserveInputExample] },
  ),
  'What is to be reserved, and for whom',
)

export const SeatsInputSchema = component(
  'SeatsInput',
  Type.Object({ seats: Seats }, { examples: [seatsInputExample] }),
  'How many seats a booking is to have',
)

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
  order: 'The bookings, by id',
})
