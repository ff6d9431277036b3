import type {
  BookingFact,
  EntryFact,
  EventCreated,
  EventFact,
  Fact,
  SeatingChanged,
  SeatsBlocked,
} from './facts.ts'
import { isBookingFact, isEntryFact } from './facts.ts'
import { claimOf } from './claim.ts'
import { withMetadata, type Metadata } from './metadata.ts'
import type { Booking, Line, WaitlistEntry } from './model.ts'
import { DEFAULT_SETTINGS } from './policy.ts'
import { Occupancy } from './seating/occupancy.ts'
import { isLineWhole, newEventState, type EventState } from './state.ts'
import { addToKinds, hasMoreBehind, kindsOf, removeFromKinds } from './waiting-kinds.ts'

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
  const state = newEventState(
    eventId,
    tenantId,
    settings ?? { ...DEFAULT_SETTINGS, name: '', totalSeats },
  )
  tellKindsApart(state)
  return state
}

/** With the first pool of an event its line becomes one in which some may overtake others. */
function tellKindsApart(state: EventState): void {
  if (state.kinds !== null || state.settings.pools.length === 0) return
  if (isLineWhole(state)) state.kinds = kindsOf(state.line.values())
}

function applyToEvent(state: EventState, fact: EventFact): void {
  switch (fact.type) {
    case 'event_created':
      return
    case 'settings_changed':
      state.settings = { ...state.settings, ...fact.settings }
      tellKindsApart(state)
      return
    case 'capacity_changed':
      state.settings = { ...state.settings, totalSeats: fact.seatsAfter }
      return
    case 'event_deleted':
      state.isDeleted = true
      return
    case 'seating_changed':
      renumber(state, fact)
      return
    case 'seats_blocked':
      blockSeats(state, fact, 1)
      return
    case 'seats_unblocked':
      blockSeats(state, fact, -1)
  }
}

function renumber(state: EventState, { digest, seating }: SeatingChanged): void {
  state.seatingDigest = digest
  if (digest === null) state.occupancy = null
  if (seating === null) return
  state.occupancy = new Occupancy(seating, state.occupancy?.takenLabels() ?? [])
}

function blockSeats(state: EventState, { labels, pool }: SeatsBlocked, sign: 1 | -1): void {
  state.blockedSeats += sign * labels.length
  if (pool !== null) {
    const { poolsBlocked } = state
    poolsBlocked.set(pool, (poolsBlocked.get(pool) ?? 0) + sign * labels.length)
  }
  for (const label of labels) {
    if (sign === 1) state.blocked.set(label, pool)
    else state.blocked.delete(label)
  }
  if (sign === 1) state.occupancy?.take(labels)
  else state.occupancy?.giveBack(labels)
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

function applyToWaitlist(state: EventState, fact: EntryFact): void {
  const { waitlistEntryId: id, eventId, userId, seatsAfter: seats, lines, at: createdAt } = fact
  if (fact.type === 'left_waitlist') {
    removeEntry(state, id, userId)
    return
  }
  const plain = { id, eventId, userId, seats, lines, createdAt }
  const entry = withMetadata<WaitlistEntry>(plain, fact.metadata)
  const { kinds } = state
  // Behind entries that are not loaded, a new one must not be taken for the next to be served.
  const isBehind = kinds === null ? !isLineWhole(state) : hasMoreBehind(kinds, entry)
  if (isBehind) state.entriesBehind.set(id, entry)
  else {
    state.line.set(id, entry)
    if (kinds !== null) addToKinds(kinds, entry)
  }
  state.waitingUsers.add(userId)
  state.waitlistLength += 1
}

function removeEntry(state: EventState, entryId: number, userId: string): void {
  const entry = state.line.get(entryId)
  if (entry !== undefined) {
    state.line.delete(entryId)
    if (state.kinds !== null) removeFromKinds(state.kinds, entry)
  } else if (!state.entriesBehind.delete(entryId)) {
    throw new RangeError('the fact names a waitlist entry that is not there')
  }
  state.waitingUsers.delete(userId)
  state.waitlistLength -= 1
}
