import { Type } from '@sinclair/typebox'
import { AnswerOf } from '../../http/answer-schema.ts'
import { commandErrors } from '../../http/error-schemas.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { idError, IdParams, MAX_INTEGER, NoContent, PATCH_TYPES } from '../../http/schemas.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { bookingExample, holdExample } from './examples.ts'
import { EventId } from './reserve-input.ts'
import { AnyConfirmInput, BookingPatchSchema, BookingSchema } from './resources.ts'

const tags = ['Bookings']

export const confirmSchema = {
  operationId: 'confirmBooking',
  tags,
  summary: 'Confirm a held booking',
  description:
    'Turns a hold into a confirmed booking. If it is confirmed already, the answer is the same. With ' +
    '`reacquire` the seats of a hold that has expired are taken again, under the same id, for a payment ' +
    'that came late: also after sales have ended, but neither from others nor before those who wait. ' +
    'A body that is no object is passed over.',
  params: IdParams,
  headers: CommandHeaders,
  body: AnyConfirmInput,
  response: {
    200: AnswerOf(
      'The booking is confirmed',
      BookingSchema,
      bookingExample,
      'Idempotency-Replayed',
    ),
    ...commandErrors(
      idError,
      ['validation_failed', 'reacquire must be true or false'],
      'booking_not_found',
      'already_booked',
      'event_cancelled',
      ['not_on_sale', 'The event is not on sale: its status is paused'],
      'sold_out',
      ['seats_taken', 'Some of the seats are taken: A-1-1'],
      'hold_expired',
    ),
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
      'event_cancelled',
      'hold_expired',
    ),
  },
}

export const resizeSchema = {
  operationId: 'resizeBooking',
  tags,
  summary: 'Change the number of seats, or the metadata',
  description:
    'Changes the seats of a booking, its metadata, or both: the number of seats, or with `lines` of which ' +
    'ticket types they are and where, in one step. It can take more of a pool if there is room and nobody ' +
    'waits for it, and only while the event is on sale. Seats that it gives back go to the waitlist; ' +
    "from the event's `cancel_until` on a confirmed booking gives none back. Metadata are replaced as a " +
    'whole; `{}` leaves none.',
  params: IdParams,
  headers: CommandHeaders,
  consumes: PATCH_TYPES,
  body: BookingPatchSchema,
  response: {
    200: AnswerOf(
      'The changed booking',
      BookingSchema,
      { ...bookingExample, seats: 2, lines: [{ ticket_type: 'default', seats: 2, labels: [] }] },
      'Idempotency-Replayed',
    ),
    ...commandErrors(
      idError,
      ['missing_fields', 'At least one of seats, lines, metadata is required'],
      ['unknown_ticket_type', 'lines.0.ticket_type must be a ticket type of the event'],
      'lines_required',
      ['labels_invalid', 'lines.0.labels must be as many as the line has seats'],
      'unknown_section',
      ['too_many_seats', 'seats must be an integer between 1 and 4'],
      'booking_not_found',
      'sales_not_open',
      'sales_closed',
      ['not_on_sale', 'The event is not on sale: its status is paused'],
      'cancellation_closed',
      'sold_out',
      ['seats_taken', 'Some of the seats are taken: A-1-1'],
      'seats_not_together',
    ),
  },
}

export const cancelSchema = {
  operationId: 'cancelBooking',
  tags,
  summary: 'Cancel a booking or release a hold',
  description:
    "Cancels a confirmed booking, until the event's `cancel_until`, or releases a hold. The freed " +
    'seats go to the waitlist.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    204: NoContent('The booking is cancelled', 'Idempotency-Replayed'),
    ...commandErrors(idError, 'booking_not_found', 'cancellation_closed'),
  },
}

export const cancelOfUserSchema = {
  operationId: 'cancelBookingOfUser',
  tags,
  summary: "Cancel a user's booking for an event",
  description:
    'Cancels the booking, or releases the hold, that the user has for the event at that moment. The ' +
    'freed seats go to the waitlist.',
  querystring: Type.Object({
    event_id: EventId,
    user_id: UserIdText({
      description: "Id of the user. With a token it is the token's subject, and may be left out",
    }),
  }),
  headers: CommandHeaders,
  response: {
    204: NoContent('The booking is cancelled', 'Idempotency-Replayed'),
    ...commandErrors(
      ['missing_fields', 'event_id and user_id are required'],
      ['validation_failed', `event_id must be an integer between 1 and ${MAX_INTEGER}`],
      'user_mismatch',
      'booking_not_found',
      'cancellation_closed',
    ),
  },
}
