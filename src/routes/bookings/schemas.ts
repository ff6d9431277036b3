import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit } from '../../http/paging.ts'
import {
  commandErrors,
  idError,
  IdParams,
  MAX_INTEGER,
  NoContent,
  PATCH_TYPES,
  queryErrors,
} from '../../http/schemas.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { bookingExample, entryExample, holdExample } from './examples.ts'
import {
  BookingPageSchema,
  BookingSchema,
  EventId,
  QUEUED,
  QueuedSchema,
  RESERVED,
  ReservedSchema,
  ReserveInputSchema,
  SeatsInputSchema,
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

export const confirmSchema = {
  operationId: 'confirmBooking',
  tags,
  summary: 'Confirm a held booking',
  description:
    'Turns a hold into a confirmed booking. If it is confirmed already, the answer is the same.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    200: AnswerOf(
      'The booking is confirmed',
      BookingSchema,
      bookingExample,
      'Idempotency-Replayed',
    ),
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
    200: AnswerOf('The hold is extended', BookingSchema, holdExample, 'Idempotency-Replayed'),
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
  consumes: PATCH_TYPES,
  body: SeatsInputSchema,
  response: {
    200: AnswerOf(
      'The changed booking',
      BookingSchema,
      { ...bookingExample, seats: 2 },
      'Idempotency-Replayed',
    ),
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
