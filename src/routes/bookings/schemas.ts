import { Type } from '@sinclair/typebox'
import { BOOKING_STATUSES } from '../../domain/model.ts'
import { MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import {
  commandErrors,
  headersOf,
  idError,
  IdParams,
  MAX_INTEGER,
  NoContent,
  nullable,
  oneOf,
  queryErrors,
  Timestamp,
} from '../../http/schemas.ts'

const EventId = Type.Integer({
  minimum: 1,
  maximum: MAX_INTEGER,
  description: 'Id of the event',
})

/**
 * Counted in code points. No control characters (category Cc): PostgreSQL refuses NUL, and the
 * others can't be told apart in a log. No lone surrogates (Cs): UTF-8 can't encode them.
 */
const UserId = Type.String({
  pattern: '^[^\\p{Cc}\\p{Cs}]{1,255}$',
  [RULE_KEYWORD]: 'a string of 1 to 255 characters without control characters',
  description: 'Id of the user: any string that the client chooses',
})

export const Seats = Type.Integer({
  minimum: 1,
  maximum: MAX_SEATS_PER_BOOKING,
  description: "Number of seats, at most the event's `max_seats_per_booking`",
})
const Status = oneOf(BOOKING_STATUSES, {
  description:
    'confirmed: stays until it is cancelled; held: ends at `expires_at`. Both take seats.',
})

const bookingMembers = {
  id: Type.Integer({ description: 'Id of the booking' }),
  event_id: Type.Integer({ description: 'Id of the event' }),
  user_id: Type.String({ description: 'Id of the user who has the seats' }),
  seats: Type.Integer({ description: 'Number of seats' }),
  status: Status,
  expires_at: nullable(Timestamp, { description: 'When the hold expires; null if confirmed' }),
  created_at: Timestamp({ description: 'When the booking was made, in UTC' }),
}

export const EntrySchema = Type.Object({
  id: Type.Integer({ description: 'Id of the waitlist entry' }),
  event_id: Type.Integer({ description: 'Id of the event' }),
  user_id: Type.String({ description: 'Id of the user who waits' }),
  seats: Type.Integer({ description: 'Number of seats wanted, all or nothing' }),
  position: Type.Integer({ description: 'Position in the waitlist; 1 is served next' }),
  created_at: Timestamp({ description: 'When the user joined the waitlist, in UTC' }),
})

const booking = {
  id: 1,
  event_id: 1,
  user_id: 'user123',
  seats: 1,
  status: 'confirmed',
  expires_at: null,
  created_at: '2024-01-15T10:30:00.000Z',
}
const hold = { ...booking, status: 'held', expires_at: '2024-01-15T10:40:00.000Z' }
const reserved = { message: 'Booking reserved successfully', booking }
export const entryExample = {
  id: 1,
  event_id: 1,
  user_id: 'user456',
  seats: 2,
  position: 1,
  created_at: '2024-01-15T10:31:00.000Z',
}
const queued = { message: 'Added to the waitlist', waitlist_entry: entryExample }

const tags = ['Bookings']
const Changed = (description: string, example: object) =>
  Type.Object(bookingMembers, {
    description,
    examples: [example],
    headers: headersOf('Idempotency-Replayed'),
  })

export const reserveSchema = {
  operationId: 'reserveSeat',
  tags,
  summary: 'Reserve seats',
  description:
    'Reserves seats at an event for a user, all or nothing. A user has at most one booking for ' +
    'an event; this is checked before the seats. With `hold` the booking expires unless it is ' +
    'confirmed in time. With `waitlist` the user joins the waitlist if there is no room. A ' +
    'booking that was answered with 201 survives a crash of the service or of the database.',
  headers: CommandHeaders,
  body: Type.Object(
    {
      event_id: EventId,
      user_id: UserId,
      seats: Type.Optional({
        ...Seats,
        description: "Number of seats, at most the event's `max_seats_per_booking`; default: 1",
      }),
      hold: Type.Optional(
        Type.Boolean({ description: 'Hold the seats until `expires_at`; default: false' }),
      ),
      waitlist: Type.Optional(
        Type.Boolean({ description: 'Join the waitlist if there is no room; default: false' }),
      ),
    },
    { examples: [{ event_id: 1, user_id: 'user123' }] },
  ),
  response: {
    201: Type.Object(
      { message: Type.Literal(reserved.message), booking: Type.Object(bookingMembers) },
      {
        description: 'The seats are reserved',
        examples: [reserved],
        headers: headersOf('Location', 'Idempotency-Replayed'),
      },
    ),
    202: Type.Object(
      { message: Type.Literal(queued.message), waitlist_entry: EntrySchema },
      {
        description: 'There is no room; the user is on the waitlist',
        examples: [queued],
        headers: headersOf('Idempotency-Replayed'),
      },
    ),
    ...commandErrors(
      ['missing_fields', 'event_id and user_id are required'],
      ['validation_failed', `event_id must be an integer between 1 and ${MAX_INTEGER}`],
      ['too_many_seats', 'seats must be an integer between 1 and 4'],
      'event_not_found',
      'already_booked',
      'sales_not_open',
      'sales_closed',
      'sold_out',
      'already_waiting',
      ['exceeds_capacity', 'The event has 100 seats only'],
    ),
  },
}

export const listBookingsSchema = {
  operationId: 'listBookings',
  tags,
  summary: 'List bookings',
  description: 'Lists bookings, ordered by id. Expired holds are left out.',
  querystring: Type.Object({
    event_id: Type.Optional(EventId),
    user_id: Type.Optional(UserId),
    status: Type.Optional(Status),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: Type.Object(
      { bookings: Type.Array(Type.Object(bookingMembers)), next_cursor: NextCursor },
      { description: 'A page of bookings', examples: [{ bookings: [booking], next_cursor: null }] },
    ),
    ...queryErrors('invalid_cursor', [
      'validation_failed',
      'limit must be an integer between 1 and 100',
    ]),
  },
}

export const getBookingSchema = {
  operationId: 'getBooking',
  tags,
  summary: 'Read a booking',
  description: 'Returns a booking. An expired hold is 404.',
  params: IdParams,
  response: {
    200: Type.Object(bookingMembers, { description: 'The booking', examples: [booking] }),
    ...queryErrors(idError, 'booking_not_found'),
  },
}

export const confirmSchema = {
  operationId: 'confirmBooking',
  tags,
  summary: 'Confirm a held booking',
  description:
    'Turns a hold into a confirmed booking. If it is confirmed already, the answer is the same.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    200: Changed('The booking is confirmed', booking),
    ...commandErrors(idError, 'booking_not_found', 'hold_expired'),
  },
}

export const extendSchema = {
  operationId: 'extendBooking',
  tags,
  summary: 'Extend a held booking',
  description:
    "Restarts the hold's time: it lasts the event's `hold_seconds` from now, but no longer than " +
    'four times `hold_seconds` from when it was made.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    200: Changed('The hold is extended', hold),
    ...commandErrors(
      idError,
      'booking_not_found',
      'not_held',
      'hold_limit_reached',
      'hold_expired',
    ),
  },
}

export const resizeSchema = {
  operationId: 'resizeBooking',
  tags,
  summary: 'Change the number of seats',
  description:
    'Changes the number of seats of a booking. It can grow if there is room and nobody is on the ' +
    'waitlist. Seats that it gives back go to the waitlist.',
  params: IdParams,
  headers: CommandHeaders,
  body: Type.Object({ seats: Seats }, { examples: [{ seats: 2 }] }),
  response: {
    200: Changed('The changed booking', { ...booking, seats: 2 }),
    ...commandErrors(
      idError,
      ['missing_fields', 'seats is required'],
      ['too_many_seats', 'seats must be an integer between 1 and 4'],
      'booking_not_found',
      'sold_out',
    ),
  },
}

export const cancelSchema = {
  operationId: 'cancelBooking',
  tags,
  summary: 'Cancel a booking or release a hold',
  description:
    'Cancels a confirmed booking or releases a hold. The freed seats go to the waitlist.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    204: NoContent('The booking is cancelled', 'Idempotency-Replayed'),
    ...commandErrors(idError, 'booking_not_found'),
  },
}
