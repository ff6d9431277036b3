import type { BookingFact } from '../facts.ts'
import type { Booking, BookingStatus, WaitlistEntry } from '../model.ts'
import { expiryOfHold } from '../policy.ts'
import type { EventState } from '../state.ts'
import type { Ledger } from './ledger.ts'

/** The vocabulary in which decisions are written: each word records one fact. */

interface NewBooking {
  readonly type: Extract<BookingFact['type'], 'booked' | 'held' | 'promoted'>
  readonly userId: string
  readonly seats: number
  readonly status: BookingStatus
  readonly waitlistEntryId?: number
}

export function addBooking(ledger: Ledger, event: EventState, made: NewBooking): Booking {
  const { type, userId, seats, status, waitlistEntryId = null } = made
  const bookingId = ledger.nextBookingId()
  const expiresAt = status === 'held' ? expiryOfHold(event.settings, ledger.now) : null
  const seatsBefore = 0
  const seatsAfter = seats
  ledger.record(event, {
    type,
    bookingId,
    userId,
    status,
    expiresAt,
    waitlistEntryId,
    seatsBefore,
    seatsAfter,
  })
  return recorded(event.bookings.get(bookingId))
}

export function updateBooking(
  ledger: Ledger,
  event: EventState,
  booking: Booking,
  type: 'confirmed' | 'extended' | 'resized',
  change: Partial<Pick<Booking, 'seats' | 'status' | 'expiresAt'>>,
): Booking {
  const { status, expiresAt, seats: seatsAfter } = { ...booking, ...change }
  const { id: bookingId, userId, seats: seatsBefore } = booking
  ledger.record(event, {
    type,
    bookingId,
    userId,
    status,
    expiresAt,
    waitlistEntryId: null,
    seatsBefore,
    seatsAfter,
  })
  return recorded(event.bookings.get(bookingId))
}

export function endBooking(
  ledger: Ledger,
  event: EventState,
  { id, userId, seats }: Booking,
  type: 'cancelled' | 'released' | 'expired',
): void {
  ledger.record(event, {
    type,
    bookingId: id,
    userId,
    status: null,
    expiresAt: null,
    waitlistEntryId: null,
    seatsBefore: seats,
    seatsAfter: 0,
  })
}

/** Puts a user at the end of the line. */
export function joinLine(
  ledger: Ledger,
  event: EventState,
  userId: string,
  seats: number,
): WaitlistEntry {
  const waitlistEntryId = ledger.nextEntryId()
  const seatsChange = { seatsBefore: 0, seatsAfter: seats }
  ledger.record(event, { type: 'waitlisted', waitlistEntryId, userId, ...seatsChange })
  return recorded(event.line.get(waitlistEntryId) ?? event.entriesBehind.get(waitlistEntryId))
}

export function leaveLine(
  ledger: Ledger,
  event: EventState,
  { id, userId, seats }: WaitlistEntry,
): void {
  const seatsChange = { seatsBefore: seats, seatsAfter: 0 }
  ledger.record(event, { type: 'left_waitlist', waitlistEntryId: id, userId, ...seatsChange })
}

/** What a fact has left in the state. */
function recorded<T>(thing: T | undefined): T {
  if (thing === undefined) throw new RangeError('a fact has left no trace')
  return thing
}
