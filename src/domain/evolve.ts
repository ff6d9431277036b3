import type { BookingFact, EntryFact, EventCreated, EventFact, Fact } from './facts.ts'
import { isBookingFact, isEntryFact } from './facts.ts'
import type { Booking } from './model.ts'
import { DEFAULT_SETTINGS } from './policy.ts'
import { isLineWhole, newEventState, type EventState } from './state.ts'

/**
 * Applies a fact to its event: the one way in which state changes, within a batch and in a replay.
 *
 * It changes the given state and returns it. A batch owns its state, and a copy for each fact would
 * make the work of a batch grow with its square.
 *
 * @param event - undefined before the event's first fact
 * @throws RangeError where the fact does not fit the state: history and state have parted
 */
export function evolve(event: EventState | undefined, fact: Fact): EventState {
  if (fact.sequence !== (event?.lastSequence ?? 0) + 1) {
    throw new RangeError(`fact ${fact.sequence} does not follow ${event?.lastSequence ?? 0}`)
  }
  const state = fact.type === 'event_created' ? createdBy(fact) : event
  if (state === undefined) throw new RangeError('a history begins with event_created')
  if (isBookingFact(fact)) applyToBookings(state, fact)
  else if (isEntryFact(fact)) applyToWaitlist(state, fact)
  else applyToEvent(state, fact)
  state.lastSequence = fact.sequence
  return state
}

/** An id may come again after `TRUNCATE … RESTART IDENTITY`: its history goes on with a new event. */
function createdBy(fact: EventCreated): EventState {
  const { eventId, tenantId, settings, seatsAfter: totalSeats } = fact
  return newEventState(eventId, tenantId, settings ?? { ...DEFAULT_SETTINGS, name: '', totalSeats })
}

function applyToEvent(state: EventState, fact: EventFact): void {
  switch (fact.type) {
    case 'event_created':
      return
    case 'settings_changed':
      state.settings = { ...state.settings, ...fact.settings }
      return
    case 'capacity_changed':
      state.settings = { ...state.settings, totalSeats: fact.seatsAfter }
      return
    case 'event_deleted':
      state.isDeleted = true
  }
}

function applyToBookings(state: EventState, fact: BookingFact): void {
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
      addBooking(state, fact, removeBooking(state, fact).createdAt)
      return
    case 'expired':
      removeBooking(state, fact)
      state.expiredHolds.set(fact.bookingId, fact.userId)
      return
    case 'cancelled':
    case 'released':
      removeBooking(state, fact)
  }
}

function addBooking(state: EventState, fact: BookingFact, createdAt: Date | null): void {
  const { bookingId: id, eventId, userId, seatsAfter: seats, status, expiresAt } = fact
  if (status === null) throw new RangeError(`${fact.type} lacks the booking's status`)
  state.bookings.set(id, { id, eventId, userId, seats, status, expiresAt, createdAt })
  state.bookedUsers.add(userId)
  state.takenSeats += seats
  if (status === 'held') state.heldSeats += seats
}

function removeBooking(state: EventState, { bookingId, type }: BookingFact): Booking {
  const booking = state.bookings.get(bookingId)
  if (booking === undefined) throw new RangeError(`${type} names a booking that is not there`)
  state.bookings.delete(bookingId)
  state.bookedUsers.delete(booking.userId)
  state.takenSeats -= booking.seats
  if (booking.status === 'held') state.heldSeats -= booking.seats
  return booking
}

function applyToWaitlist(state: EventState, fact: EntryFact): void {
  const { waitlistEntryId: id, eventId, userId, seatsAfter: seats, at: createdAt } = fact
  if (fact.type === 'left_waitlist') {
    removeEntry(state, id, userId)
    return
  }
  // Behind entries that are not loaded, a new one must not be taken for the next to be served.
  const place = isLineWhole(state) ? state.line : state.entriesBehind
  place.set(id, { id, eventId, userId, seats, createdAt })
  state.waitingUsers.add(userId)
  state.waitlistLength += 1
}

function removeEntry(state: EventState, entryId: number, userId: string): void {
  if (!state.line.delete(entryId) && !state.entriesBehind.delete(entryId)) {
    throw new RangeError('the fact names a waitlist entry that is not there')
  }
  state.waitingUsers.delete(userId)
  state.waitlistLength -= 1
}
