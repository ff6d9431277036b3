import type { Booking, EndedBooking } from '../../domain/model.ts'
import type { Booked, Waiting } from '../../domain/outcomes.ts'
import { NO_METADATA } from '../../domain/metadata.ts'
import { referenceOf } from '../../domain/reference.ts'
import type { Answer } from '../../http/answer.ts'
import type { CsvColumns } from '../../http/csv.ts'
import type { Paged } from '../../http/csv-stream.ts'
import { linesJson } from './lines.ts'
import { entryJson } from '../waitlist/view.ts'

/** A booking as JSON. */
export function bookingJson(booking: Booking) {
  return {
    id: booking.id,
    event_id: booking.eventId,
    user_id: booking.userId,
    seats: booking.seats,
    lines: linesJson(booking),
    status: booking.status,
    expires_at: booking.expiresAt === null ? null : booking.expiresAt.toISOString(),
    created_at: booking.createdAt === null ? null : booking.createdAt.toISOString(),
    reference: referenceOf(booking.id),
    metadata: booking.metadata ?? NO_METADATA,
  }
}

/** A booking, or the last state of one that has ended. */
export type ShownBooking = ReturnType<typeof bookingJson> | ReturnType<typeof endedJson>

/** A page of bookings as JSON. */
export interface BookingPage extends Paged {
  readonly bookings: readonly ShownBooking[]
}

/** The same members as CSV has them. */
export const BOOKING_CSV = {
  id: 'value',
  event_id: 'value',
  user_id: 'text',
  seats: 'value',
  lines: 'value',
  status: 'value',
  expires_at: 'value',
  created_at: 'value',
  reference: 'value',
  metadata: 'value',
} as const satisfies CsvColumns<ReturnType<typeof bookingJson>>

/** The last state of a booking that has ended, likewise. */
export function endedJson({ reason, endedAt, ...booking }: EndedBooking) {
  const json = bookingJson({ ...booking, status: 'confirmed' })
  return { ...json, status: reason, ended_at: endedAt.toISOString() }
}

/** What came of reserving: 201 with a booking, or 202 with a waitlist entry. */
export function reservationJson(success: Booked | Waiting) {
  return success.kind === 'booking'
    ? ({ status: 201, booking: bookingJson(success.booking) } as const)
    : ({ status: 202, waitlist_entry: entryJson(success) } as const)
}

/** The same as the answer to a request. */
export function viewReservation(success: Booked | Waiting): Answer {
  const { status, ...made } = reservationJson(success)
  const [message, location] =
    'booking' in made
      ? ['Booking reserved successfully', `/api/bookings/${made.booking.id}`]
      : ['Added to the waitlist', `/api/waitlist/${made.waitlist_entry.id}`]
  return { status, headers: {}, location, body: { message, ...made } }
}

/** A booking that was changed, as the body itself. */
export function viewBooking({ booking }: Booked): Answer {
  return { status: 200, headers: {}, body: bookingJson(booking) }
}
