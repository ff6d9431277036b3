import { Type } from '@sinclair/typebox'
import { AnswerOf, ListOf } from '../../http/answer-schema.ts'
import { Cursor, Limit, Order } from '../../http/paging.ts'
import { queryErrors } from '../../http/error-schemas.ts'
import { ERRORS } from '../../http/errors.ts'
import { idError, IdParams } from '../../http/schemas.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { bookingExample, cancelledExample, expiredExample } from './examples.ts'
import { Reference } from './reference.ts'
import { EventId } from './reserve-input.ts'
import { BookingPageSchema, BookingSchema, ListedStatus } from './resources.ts'
import { BOOKING_CSV } from './view.ts'

const tags = ['Bookings']

export const listBookingsSchema = {
  operationId: 'listBookings',
  tags,
  summary: 'List bookings',
  description:
    'Lists bookings by id: oldest first, or newest first with `order=desc`. What has ended is listed by ' +
    '`status` alone, by when the service ended it instead of by id. ' +
    'Go on until `next_cursor` is null: a page before that may be short.',
  querystring: Type.Object({
    event_id: Type.Optional(EventId),
    user_id: Type.Optional(
      UserIdText({
        description:
          "Only bookings of this user. With a token only the subject's own are there, and this may be " +
          'left out',
      }),
    ),
    status: Type.Optional(ListedStatus),
    reference: Type.Optional(Reference),
    order: Order,
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: ListOf(
      'A page of bookings',
      BookingPageSchema,
      { bookings: [bookingExample], next_cursor: null },
      { columns: BOOKING_CSV, row: bookingExample },
    ),
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
    'Returns a booking. One that has ended is 410 for a week, with its last state, and 404 later. With a ' +
    'token, a booking of another user is 404.',
  params: IdParams,
  response: {
    200: AnswerOf('The booking', BookingSchema, bookingExample),
    ...queryErrors(
      idError,
      'booking_not_found',
      ['hold_expired', ERRORS.hold_expired.text, { members: { booking: expiredExample } }],
      ['booking_ended', 'The booking was cancelled', { members: { booking: cancelledExample } }],
    ),
  },
}
