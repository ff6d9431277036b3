import { claimOf } from '../claim.ts'
import type { BookingFact } from '../facts.ts'
import { withMetadata, type Metadata } from '../metadata.ts'
import type { Booking, Line } from '../model.ts'
import type { EventState } from '../state.ts'
import { removeEntry } from './waitlist.ts'

/** Applies what has happened to a booking. */
export function applyToBookings(state: EventState, fact: BookingFact): void {
  switch (fact.type) {
    case 'booked':
    case 'held':
      addBooking(state, fact, fact.at)
      return
    case 'promoted':
      removeEntry(state, fact.waitlistEntryId ?? 0, fact.userId)
      addBooking(state, fact, fact.at)
      return
    case 'confirmed':
    case 'extended':
    case 'resized':
    case 'metadata_changed': {
      const { createdAt, metadata } = removeBooking(state, fact)
      addBooking(state, fact, createdAt, metadata)
      return
    }
    case 'expired':
      state.expiredBookings.set(fact.bookingId, removeBooking(state, fact))
      state.expiredHolds.set(fact.bookingId, fact.userId)
      return
    case 'reacquired': {
      const { createdAt, metadata } = takeExpired(state, fact)
      addBooking(state, fact, createdAt, metadata)
      return
    }
    case 'cancelled':
    case 'released':
      removeBooking(state, fact)
  }
}

function addBooking(
  state: EventState,
  fact: BookingFact,
  createdAt: Date | null,
  metadataBefore?: Metadata,
): void {
  const { bookingId: id, eventId, userId, seatsAfter: seats, lines, status, expiresAt } = fact
  if (status === null) throw new RangeError(`${fact.type} lacks the booking's status`)
  const booking = { id, eventId, userId, seats, lines, status, expiresAt, createdAt }
  state.bookings.set(id, withMetadata<Booking>(booking, fact.metadata ?? metadataBefore))
  state.bookedUsers.add(userId)
  state.takenSeats += seats
  if (status === 'held') state.heldSeats += seats
  if (lines !== null) takePlaces(state, lines, 1)
}

function removeBooking(state: EventState, { bookingId, type }: BookingFact): Booking {
  const booking = state.bookings.get(bookingId)
  if (booking === undefined) throw new RangeError(`${type} names a booking that is not there`)
  state.bookings.delete(bookingId)
  state.bookedUsers.delete(booking.userId)
  state.takenSeats -= booking.seats
  if (booking.status === 'held') state.heldSeats -= booking.seats
  if (booking.lines !== null) takePlaces(state, booking.lines, -1)
  return booking
}

function takePlaces(
  { poolsTaken, occupancy }: EventState,
  lines: readonly Line[],
  sign: 1 | -1,
): void {
  for (const { labels } of occupancy === null ? [] : lines) {
    if (labels === undefined) continue
    if (sign === 1) occupancy?.take(labels)
    else occupancy?.giveBack(labels)
  }
  for (const [pool, seats] of claimOf(lines)) {
    poolsTaken.set(pool, (poolsTaken.get(pool) ?? 0) + sign * seats)
  }
}

/** The booking as it was when its hold expired. */
function takeExpired(state: EventState, { bookingId }: BookingFact): Booking {
  const booking = state.expiredBookings.get(bookingId)
  if (booking === undefined) throw new RangeError('reacquired names a hold that has not expired')
  state.expiredBookings.delete(bookingId)
  state.expiredHolds.delete(bookingId)
  return booking
}
