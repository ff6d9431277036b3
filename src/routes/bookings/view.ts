import type { Booking, EndedBooking } from '../../domain/model.ts'
import type { Booked, Waiting } from '../../domain/outcomes.ts'
import { NO_METADATA } from '../../domain/metadata.ts'
import { isoOf } from '../../domain/moment.ts'
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
    expires_at: isoOf(booking.expiresAt),
    created_at: isoOf(booking.createdAt),
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
  return { ...json, status: reason, ended_at: isoOf(endedAt) }
}

/** How what came of reserving is answered: 201 where it is a booking, 202 where it is a place in line. */
export const RESERVATION_STATUS = { booking: 201, waiting: 202 } as const

/** What came of reserving. */
export function viewReservation(success: Booked | Waiting): Answer {
  const status = RESERVATION_STATUS[success.kind]
  if (success.kind === 'booking') {
    const booking = bookingJson(success.booking)
    const body = { message: 'Booking reserved successfully', booking }
    return { status, headers: {}, location: `/api/bookings/${booking.id}`, body }
  }
  const entry = entryJson(success)
  const body = { message: 'Added to the waitlist', waitlist_entry: entry }
  return { status, headers: {}, location: `/api/waitlist/${entry.id}`, body }
}

/** A booking that was changed, as the body itself. */
export function viewBooking({ booking }: Booked): Answer {
  return { status: 200, headers: {}, body: bookingJson(booking) }
}
