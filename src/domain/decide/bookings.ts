import { isOwn } from '../access.ts'
import type {
  CancelCommand,
  ConfirmCommand,
  ExtendCommand,
  LeaveWaitlistCommand,
  ReserveCommand,
  ResizeCommand,
} from '../commands.ts'
import { booked, DONE, refuse, type Outcome } from '../outcomes.ts'
import { expiryOfHold, latestExpiry, salesRefusal } from '../policy.ts'
import type { Booking } from '../model.ts'
import type { EventState } from '../state.ts'
import { addBooking, endBooking, joinLine, leaveLine, updateBooking } from './changes.ts'
import { LATER, type Verdict } from './verdict.ts'
import type { Ledger } from './ledger.ts'
import { hasRoom, mayFindRoom, serveWaitlist } from './settle.ts'

export function reserve(ledger: Ledger, event: EventState, command: ReserveCommand): Verdict {
  const { userId, seats, origin } = command
  if (!isOwn(origin, userId)) return refuse('user_mismatch')
  const { maxSeatsPerBooking } = event.settings
  if (seats > maxSeatsPerBooking) return refuse('too_many_seats', maxSeatsPerBooking)
  if (event.bookedUsers.has(userId)) return refuse('already_booked')
  const closed = salesRefusal(event.settings, ledger.now)
  if (closed !== undefined) return refuse(closed)
  if (!hasRoom(ledger, event, seats)) return reserveWithoutRoom(ledger, event, command)
  const type = command.hold ? 'held' : 'booked'
  const status = command.hold ? 'held' : 'confirmed'
  return booked(addBooking(ledger, event, { type, userId, seats, status }))
}

function reserveWithoutRoom(ledger: Ledger, event: EventState, command: ReserveCommand): Verdict {
  const { userId, seats, waitlist } = command
  const { totalSeats } = event.settings
  if (waitlist && event.waitingUsers.has(userId)) return refuse('already_waiting')
  // Nobody could ever be served behind such an entry.
  if (waitlist && seats > totalSeats) return refuse('exceeds_capacity', totalSeats)
  // Whoever joins a line where others wait already stands behind them in any case.
  const isBehindOthers = waitlist && event.waitlistLength > 0
  if (!isBehindOthers && mayFindRoom(ledger, event, seats)) return putOff(ledger, event)
  if (!waitlist) return refuse('sold_out')
  const entry = joinLine(ledger, event, userId, seats)
  return { kind: 'waiting', entry, position: event.waitlistLength }
}

export function confirm(ledger: Ledger, event: EventState, command: ConfirmCommand): Outcome {
  const booking = bookingOf(event, command)
  if (booking === undefined) return refuseMissing(event, command)
  if (booking.status === 'confirmed') return booked(booking)
  const change = { status: 'confirmed', expiresAt: null } as const
  return booked(updateBooking(ledger, event, booking, 'confirmed', change))
}

export function extend(ledger: Ledger, event: EventState, command: ExtendCommand): Outcome {
  const booking = bookingOf(event, command)
  if (booking === undefined) return refuseMissing(event, command)
  if (booking.expiresAt === null) return refuse('not_held')
  const latest = latestExpiry(booking, event.settings, ledger.now)
  if (booking.expiresAt >= latest) return refuse('hold_limit_reached')
  const wanted = expiryOfHold(event.settings, ledger.now)
  const expiresAt = wanted < latest ? wanted : latest
  // Never shortened: the event's period may have become less meanwhile.
  if (expiresAt <= booking.expiresAt) return booked(booking)
  return booked(updateBooking(ledger, event, booking, 'extended', { expiresAt }))
}

export function cancel(ledger: Ledger, event: EventState, command: CancelCommand): Outcome {
  const booking = bookingOf(event, command)
  if (booking === undefined) return refuse('booking_not_found')
  endBooking(ledger, event, booking, booking.status === 'held' ? 'released' : 'cancelled')
  serveWaitlist(ledger, event)
  return DONE
}

export function resize(ledger: Ledger, event: EventState, command: ResizeCommand): Verdict {
  const { seats } = command
  const booking = bookingOf(event, command)
  if (booking === undefined) return refuse('booking_not_found')
  const { maxSeatsPerBooking } = event.settings
  if (seats === booking.seats) return booked(booking)
  if (seats > booking.seats) {
    if (seats > maxSeatsPerBooking) return refuse('too_many_seats', maxSeatsPerBooking)
    const more = seats - booking.seats
    if (!hasRoom(ledger, event, more)) {
      return mayFindRoom(ledger, event, more) ? putOff(ledger, event) : refuse('sold_out')
    }
  }
  const resized = updateBooking(ledger, event, booking, 'resized', { seats })
  serveWaitlist(ledger, event)
  return booked(resized)
}

export function leaveWaitlist(
  ledger: Ledger,
  event: EventState,
  { entryId, origin }: LeaveWaitlistCommand,
): Outcome {
  const entry = event.line.get(entryId) ?? event.entriesBehind.get(entryId)
  if (entry === undefined || !isOwn(origin, entry.userId)) return refuse('waitlist_entry_not_found')
  leaveLine(ledger, event, entry)
  // A large party may have stood before others who fit.
  serveWaitlist(ledger, event)
  return DONE
}

/** Seats that come free are kept from those behind it. */
function putOff(ledger: Ledger, event: EventState): Verdict {
  ledger.putOff(event)
  return LATER
}

type OnBooking = ConfirmCommand | ExtendCommand | CancelCommand | ResizeCommand

/** The booking that a command names; undefined where it is not there, or another user's. */
function bookingOf(event: EventState, { bookingId, origin }: OnBooking): Booking | undefined {
  const booking = event.bookings.get(bookingId)
  return booking !== undefined && isOwn(origin, booking.userId) ? booking : undefined
}

/** A hold that has ended is told apart from a booking that never was, by whoever may know of it. */
function refuseMissing(event: EventState, { bookingId, origin }: OnBooking): Outcome {
  const userId = event.expiredHolds.get(bookingId)
  const hasExpired = userId !== undefined && isOwn(origin, userId)
  return refuse(hasExpired ? 'hold_expired' : 'booking_not_found')
}
