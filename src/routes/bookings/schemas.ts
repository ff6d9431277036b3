import { Type } from '@sinclair/typebox'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import {
  commandErrors,
  headersOf,
  idError,
  IdParams,
  MAX_ID,
  MAX_SEATS_PER_BOOKING,
  NoContent,
  nullable,
  oneOf,
  queryErrors,
  Timestamp,
} from '../../http/schemas.ts'

export const EventId = Type.Integer({
  minimum: 1,
  maximum: MAX_ID,
  description: 'The event, by its id',
})

/**
 * Counted in code points. No control characters (category Cc: PostgreSQL refuses NUL, and none can
 * be told apart in a log) and no halves of surrogate pairs (Cs), which UTF-8 cannot carry.
 */
export const UserId = Type.String({
  pattern: '^[^\\p{Cc}\\p{Cs}]{1,255}$',
  [RULE_KEYWORD]: 'a string of 1 to 255 characters without control characters',
  description: "The user, by any id of the client's choosing",
})

export const Seats = Type.Integer({
  minimum: 1,
  maximum: MAX_SEATS_PER_BOOKING,
  description: 'How many seats: at most as many as the event allows in one booking',
})
const Status = oneOf(['confirmed', 'held'], { description: 'Both take seats' })

const bookingMembers = {
  id: Type.Integer({ description: 'The booking' }),
  event_id: Type.Integer({ description: 'The event it is for' }),
  user_id: Type.String({ description: 'The user it belongs to' }),
  seats: Type.Integer({ description: 'How many seats it takes' }),
  status: Status,
  expires_at: nullable(Timestamp, { description: 'When a hold ends by itself; null if confirmed' }),
  created_at: Timestamp({ description: "When it was made, by the database's clock, in UTC" }),
}

export const EntrySchema = Type.Object({
  id: Type.Integer({ description: 'The place in line' }),
  event_id: Type.Integer({ description: 'The event it is for' }),
  user_id: Type.String({ description: 'The user who waits' }),
  seats: Type.Integer({ description: 'How many seats are wanted: all or none' }),
  position: Type.Integer({ description: 'How far in front, from 1, at this instant' }),
  created_at: Timestamp({ description: "When it was taken, by the database's clock, in UTC" }),
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
    'Takes seats at an event for a user, all or none: one unless told. A user holds at most one ' +
    'booking for an event, which is checked before the seats. With `hold` the booking ends by ' +
    'itself unless it is confirmed in time; with `waitlist` the user waits in line where there ' +
    'is no room. A booking that was answered with 201 is on disk.',
  headers: CommandHeaders,
  body: Type.Object(
    {
      event_id: EventId,
      user_id: UserId,
      seats: Type.Optional(Seats),
      hold: Type.Optional(Type.Boolean({ description: 'Hold the seats instead of booking them' })),
      waitlist: Type.Optional(Type.Boolean({ description: 'Wait in line where there is no room' })),
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
        description: 'There is no room; the user is in line',
        examples: [queued],
        headers: headersOf('Idempotency-Replayed'),
      },
    ),
    ...commandErrors(
      ['missing_fields', 'event_id and user_id are required'],
      ['validation_failed', `event_id must be an integer between 1 and ${MAX_ID}`],
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
  description: 'Bookings by id, page by page. A hold that has expired is none.',
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
  description: 'A booking. A hold that has expired is none.',
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
  description: 'Makes a hold a booking that stays. A confirmed booking is answered the same way.',
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
    "Makes a hold last the event's `hold_seconds` from now on, and no longer than four times " +
    'that in all.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    200: Changed('The hold lasts longer', hold),
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
  summary: 'Grow or shrink a booking',
  description:
    'Gives a booking another number of seats. It grows where there is room and nobody waits; ' +
    'seats that it gives back serve the waitlist in the same transaction.',
  params: IdParams,
  headers: CommandHeaders,
  body: Type.Object({ seats: Seats }, { examples: [{ seats: 2 }] }),
  response: {
    200: Changed('The booking as it is now', { ...booking, seats: 2 }),
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
  summary: 'Cancel a booking',
  description:
    'Gives the seats of a booking, held or confirmed, back; whoever waits for them gets them in ' +
    'the same transaction.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    204: NoContent('The booking is gone', 'Idempotency-Replayed'),
    ...commandErrors(idError, 'booking_not_found'),
  },
}
