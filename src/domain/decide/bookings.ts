import { isOwn } from '../access.ts'
import type {
  CancelCommand,
  CancelOfUserCommand,
  ConfirmCommand,
  ExtendCommand,
  LeaveWaitlistCommand,
  ResizeCommand,
} from '../commands/bookings.ts'
import { booked, DONE, refuse, type Outcome } from '../outcomes.ts'
import { expiryOfHold, latestExpiry, mustKeepSeats, statusRefusal } from '../policy.ts'
import type { Booking } from '../model.ts'
import type { EventState } from '../state.ts'
import { endBooking, leaveLine, takeAgain, updateBooking } from './changes.ts'
import type { Ledger } from './ledger.ts'
import { placeOf, takeInsteadOf } from './place.ts'
import { needOf, putOff, putOffOrRefuse, shortageOf, soldOut } from './room.ts'
import { chooseSeats } from './seats.ts'
import { serveWaitlist } from './serve.ts'
import { LATER, type Verdict } from './verdict.ts'

export function confirm(ledger: Ledger, event: EventState, command: ConfirmCommand): Verdict {
  const booking = bookingOf(event, command)
  if (booking === undefined) return reacquire(ledger, event, command)
  if (booking.status === 'confirmed') return booked(booking)
  if (event.settings.status === 'cancelled') return refuse('event_cancelled')
  const change = { status: 'confirmed', expiresAt: null } as const
  return booked(updateBooking(ledger, event, booking, 'confirmed', change))
}

/** Where that is asked for: who comes late with a payment gets the same seats, if nobody else is to have them. */
function reacquire(ledger: Ledger, event: EventState, command: ConfirmCommand): Verdict {
  const expired = event.expiredBookings.get(command.bookingId)
  const isAsked = command.reacquire === true
  if (!isAsked || expired === undefined || !isOwn(command.origin, expired.userId)) {
    return refuseMissing(event, command)
  }
  const { userId, seats } = expired
  if (event.settings.status === 'cancelled') return refuse('event_cancelled')
  const notOnSale = statusRefusal(event.settings)
  if (notOnSale !== undefined) return notOnSale
  if (event.bookedUsers.has(userId)) return refuse('already_booked')
  const place = placeOf(event, userId)
  const shortage = shortageOf(ledger, event, needOf(expired), place)
  if (shortage !== undefined) return putOffOrRefuse(ledger, event, seats, soldOut(shortage))
  const chosen = chooseSeats(ledger, event, expired)
  if (chosen === LATER) return putOff(ledger, event)
  if ('refusal' in chosen) return putOffOrRefuse(ledger, event, seats, chosen)
  return booked(takeInsteadOf(ledger, event, place, () => takeAgain(ledger, event, expired)))
}

export function extend(ledger: Ledger, event: EventState, command: ExtendCommand): Outcome {
  const booking = bookingOf(event, command)
  if (booking === undefined) return refuseMissing(event, command)
  if (booking.expiresAt === null) return refuse('not_held')
  if (event.settings.status === 'cancelled') return refuse('event_cancelled')
  const latest = latestExpiry(booking, event.settings, ledger.now)
  if (booking.expiresAt >= latest) return refuse('hold_limit_reached')
  const wanted = expiryOfHold(event.settings, ledger.now)
  const expiresAt = wanted < latest ? wanted : latest
  // Never shortened: the event's period may have become less meanwhile.
  if (expiresAt <= booking.expiresAt) return booked(booking)
  return booked(updateBooking(ledger, event, booking, 'extended', { expiresAt }))
}

export function cancel(ledger: Ledger, event: EventState, command: CancelCommand): Verdict {
  return giveBack(ledger, event, bookingOf(event, command))
}

export function cancelOfUser(
  ledger: Ledger,
  event: EventState,
  { userId, origin }: CancelOfUserCommand,
): Verdict {
  if (!isOwn(origin, userId)) return refuse('user_mismatch')
  return giveBack(ledger, event, bookingOfUser(event, userId))
}

function giveBack(ledger: Ledger, event: EventState, booking: Booking | undefined): Verdict {
  if (booking === undefined) return refuse('booking_not_found')
  if (mustKeepSeats(booking, event.settings, ledger.now)) return refuse('cancellation_closed')
  if (ledger.hasTakenAgain(booking.id)) return LATER
  endBooking(ledger, event, booking, booking.status === 'held' ? 'released' : 'cancelled')
  serveWaitlist(ledger, event)
  return DONE
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

type OnBooking = ConfirmCommand | ExtendCommand | CancelCommand | ResizeCommand

/** The booking that a command names; undefined where it is not there, or another user's. */
export function bookingOf(
  event: EventState,
  { bookingId, origin }: OnBooking,
): Booking | undefined {
  const booking = event.bookings.get(bookingId)
  return booking !== undefined && isOwn(origin, booking.userId) ? booking : undefined
}

/** Of the bookings that are loaded, or that this batch has made: see `EventState.bookings`. */
function bookingOfUser({ bookings }: EventState, userId: string): Booking | undefined {
  for (const booking of bookings.values()) if (booking.userId === userId) return booking
  return undefined
}

/** A hold that has ended is told apart from a booking that never was, by whoever may know of it. */
function refuseMissing(event: EventState, { bookingId, origin }: OnBooking): Outcome {
  const userId = event.expiredHolds.get(bookingId)
  const hasExpired = userId !== undefined && isOwn(origin, userId)
  return refuse(hasExpired ? 'hold_expired' : 'booking_not_found')
}
