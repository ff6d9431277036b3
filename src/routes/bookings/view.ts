import { NO_CONTENT, type Success } from '../../http/answer.ts'
import type { Booking, Result, WaitlistEntry } from '../../domain/commands.ts'

/** A booking as JSON. */
export function representBooking(booking: Booking) {
  return {
    id: booking.id,
    event_id: booking.eventId,
    user_id: booking.userId,
    seats: booking.seats,
    status: booking.status,
    expires_at: booking.expiresAt === null ? null : booking.expiresAt.toISOString(),
    created_at: booking.createdAt.toISOString(),
  }
}

/** A place in line as JSON; positions count from 1. */
export function representEntry(entry: WaitlistEntry, position: number) {
  return {
    id: entry.id,
    event_id: entry.eventId,
    user_id: entry.userId,
    seats: entry.seats,
    position,
    created_at: entry.createdAt.toISOString(),
  }
}

/** What came of reserving: 201 with a booking, or 202 with a place in line. */
export function representReservation(result: Result): Success {
  if (result.kind === 'booking') {
    const booking = representBooking(result.booking)
    const body = { message: 'Booking reserved successfully', booking }
    return { status: 201, headers: { location: `/api/bookings/${booking.id}` }, body }
  }
  if (result.kind !== 'waiting') return NO_CONTENT
  const entry = representEntry(result.entry, result.position)
  const body = { message: 'Added to the waitlist', waitlist_entry: entry }
  return { status: 202, headers: {}, body }
}

/** A booking that was changed, as the body itself. */
export function representChanged(result: Result): Success {
  if (result.kind !== 'booking') return NO_CONTENT
  return { status: 200, headers: {}, body: representBooking(result.booking) }
}

/** Nothing is left to show. */
export function representNothing(): Success {
  return NO_CONTENT
}
