import { AnswerOf } from '../../http/answer-schema.ts'
import { commandErrors } from '../../http/error-schemas.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { idError, IdParams, NoContent, PATCH_TYPES } from '../../http/schemas.ts'
import { bookingExample, holdExample } from './examples.ts'
import { BookingSchema, SeatsInputSchema } from './resources.ts'

const tags = ['Bookings']

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
