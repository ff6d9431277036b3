import type { Booking } from '../../domain/model.ts'
import type { Booked, Waiting } from '../../domain/outcomes.ts'
import type { Answer } from '../../http/answer.ts'
import { entryJson } from '../waitlist/view.ts'

/** A booking as JSON. */
export function bookingJson(booking: Booking) {
  return {
    id: booking.id,
    event_id: booking.eventId,
    user_id: booking.userId,
    seats: booking.seats,
    status: booking.status,
    expires_at: booking.expiresAt === null ? null : booking.expiresAt.toISOString(),
    created_at: booking.createdAt === null ? null : booking.createdAt.toISOString(),
  }
}

/** What came of reserving: 201 with a booking, or 202 with a waitlist entry. */
export function viewReservation(success: Booked | Waiting): Answer {
  if (success.kind === 'booking') {
    const booking = bookingJson(success.booking)
    const body = { message: 'Booking reserved successfully', booking }
    return { status: 201, headers: {}, location: `/api/bookings/${booking.id}`, body }
  }
  const entry = entryJson(success)
  const body = { message: 'Added to the waitlist', waitlist_entry: entry }
  return { status: 202, headers: {}, location: `/api/waitlist/${entry.id}`, body }
}

/** A booking that was changed, as the body itself. */
export function viewBooking({ booking }: Booked): Answer {
  return { status: 200, headers: {}, body: bookingJson(booking) }
}
