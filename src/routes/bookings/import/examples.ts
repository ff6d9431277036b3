import { failureOf } from '../../../http/failure.ts'
import { bookingExample } from '../examples.ts'
import { failureLine } from './line-answers.ts'

// Of the documentation.

export const importExample = '{"user_id":"user123"}\n{"user_id":"user456","seats":2}\n'

const BOOKED = { line: 1, status: 201, booking: bookingExample }

export const importAnswerExample =
  `${JSON.stringify(BOOKED)}\n` +
  failureLine(2, failureOf('too_many_seats', 'seats must be an integer between 1 and 1'))
