import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit } from '../../http/paging.ts'
import { commandErrors, queryErrors } from '../../http/error-schemas.ts'
import { idError, IdParams, MAX_INTEGER } from '../../http/schemas.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { bookingExample, entryExample } from './examples.ts'
import {
  BookingPageSchema,
  BookingSchema,
  EventId,
  QUEUED,
  QueuedSchema,
  RESERVED,
  ReservedSchema,
  ReserveInputSchema,
  Status,
} from './resources.ts'

const tags = ['Bookings']

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
  body: ReserveInputSchema,
  response: {
    201: AnswerOf(
      'The seats are reserved',
      ReservedSchema,
      { message: RESERVED, booking: bookingExample },
      'Location',
      'Idempotency-Replayed',
    ),
    202: AnswerOf(
      'There is no room; the user is on the waitlist',
      QueuedSchema,
      { message: QUEUED, waitlist_entry: entryExample },
      'Location',
      'Idempotency-Replayed',
    ),
    ...commandErrors(
      ['missing_fields', 'event_id and user_id are required'],
      ['validation_failed', `event_id must be an integer between 1 and ${MAX_INTEGER}`],
      ['too_many_seats', 'seats must be an integer between 1 and 4'],
      'user_mismatch',
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
  description:
    'Lists bookings, ordered by id. Expired holds are left out. Go on until `next_cursor` is null: a ' +
    'page before that may be short.',
  querystring: Type.Object({
    event_id: Type.Optional(EventId),
    user_id: Type.Optional(
      UserIdText({
        description:
          "Only bookings of this user. With a token only the subject's own are there, and this may be " +
          'left out',
      }),
    ),
    status: Type.Optional(Status),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: AnswerOf('A page of bookings', BookingPageSchema, {
      bookings: [bookingExample],
      next_cursor: null,
    }),
    ...queryErrors('invalid_cursor', 'user_mismatch', [
      'validation_failed',
      'limit must be an integer between 1 and 100',
    ]),
  },
}

export const getBookingSchema = {
  operationId: 'getBooking',
  tags,
  summary: 'Read a booking',
  description:
    'Returns a booking. An expired hold is 404, and so is, with a token, a booking of another user.',
  params: IdParams,
  response: {
    200: AnswerOf('The booking', BookingSchema, bookingExample),
    ...queryErrors(idError, 'booking_not_found'),
  },
}
