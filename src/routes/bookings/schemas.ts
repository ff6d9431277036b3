import { AnswerOf, AnswerWith } from '../../http/answer-schema.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { commandErrors } from '../../http/error-schemas.ts'
import { MAX_INTEGER } from '../../http/schemas.ts'
import { bookingExample, entryExample, linesExample } from './examples.ts'
import { ReserveInputSchema } from './reserve-input.ts'
import { QUEUED, QueuedSchema, RESERVED, ReservedSchema } from './resources.ts'

const tags = ['Bookings']

export const reserveSchema = {
  operationId: 'reserveSeat',
  tags,
  summary: 'Reserve seats',
  description:
    'Reserves seats at an event for a user, all or nothing: `seats` of its only ticket type, or `lines` of ' +
    'several, which may name numbered seats or have the service choose them. A user has at most one booking for ' +
    'an event; this is checked before the seats. Only an event that is on sale has seats for ' +
    'anybody, or a place in its line. With `hold` the booking expires unless it is ' +
    'confirmed in time. With `waitlist` the user joins the waitlist if there is no room. A ' +
    'booking that was answered with 201 survives a crash of the service or of the database.',
  headers: CommandHeaders,
  body: ReserveInputSchema,
  response: {
    201: AnswerWith(
      'The seats are reserved',
      ReservedSchema,
      {
        plain: ['One seat', { message: RESERVED, booking: bookingExample }],
        lines: ['Several lines', { message: RESERVED, booking: linesExample }],
      },
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
      [
        'unknown_ticket_type',
        'lines.1.ticket_type must be a ticket type of the event, which "vip" is not',
        { details: { line: 1, key: 'vip' } },
      ],
      'lines_required',
      [
        'labels_invalid',
        'lines.1.labels must be those of seats of the event, unlike A-9-9',
        { details: { line: 1, labels: ['A-9-9'] } },
      ],
      'unknown_section',
      'user_mismatch',
      'event_not_found',
      ['not_on_sale', 'The event is not on sale: its status is paused'],
      'already_booked',
      'sales_not_open',
      'sales_closed',
      [
        'sold_out',
        'No seats available in the pool "stalls"',
        { details: { pool: 'stalls', available: 1, waiting_before: 0 } },
      ],
      [
        'seats_taken',
        'Some of the seats are taken: A-1-1',
        { details: { line: 1, labels_taken: ['A-1-1'] } },
      ],
      'seats_not_together',
      'already_waiting',
      ['exceeds_capacity', 'The event has 100 seats only'],
      'waitlist_too_varied',
      'waitlist_closed',
    ),
  },
}
