import { isDeepStrictEqual } from 'node:util'
import { claimOf, growthOf } from '../claim.ts'
import type { ResizeCommand } from '../commands/bookings.ts'
import { isSameMetadata, type Metadata } from '../metadata.ts'
import type { Booking } from '../model.ts'
import { booked, refuse, type Refused } from '../outcomes.ts'
import { mustKeepSeats, statusRefusal } from '../policy.ts'
import type { EventState } from '../state.ts'
import { bookingOf } from './bookings.ts'
import { updateBooking } from './changes.ts'
import type { Ledger } from './ledger.ts'
import { refusalByTypes, resolveLines, type Seats } from './lines.ts'
import { putOff, putOffOrRefuse, shortageOf, soldOut, type Need } from './room.ts'
import { chooseSeats, refusalOfLabels } from './seats.ts'
import { serveWaitlist } from './serve.ts'
import { LATER, type Verdict } from './verdict.ts'

/** Gives a booking other seats, other metadata, or both, in one step. */
export function resize(ledger: Ledger, event: EventState, command: ResizeCommand): Verdict {
  const booking = bookingOf(event, command)
  if (booking === undefined) return refuse('booking_not_found')
  const wanted = wantedBy(event, command, booking)
  if ('refusal' in wanted) return wanted
  const change = differenceIn(command, booking)
  if (isSame(wanted, booking)) {
    if (change.metadata === undefined) return booked(booking)
    return booked(updateBooking(ledger, event, booking, 'metadata_changed', change))
  }
  const more: Need = {
    seats: wanted.seats - booking.seats,
    claim: growthOf(claimOf(booking.lines), claimOf(wanted.lines)),
  }
  const refused = refusalOfChange(ledger, event, booking, wanted, more)
  if (refused !== undefined) return refused
  const shortage = isGrowth(more) ? shortageOf(ledger, event, more) : undefined
  if (shortage !== undefined) return putOffOrRefuse(ledger, event, more.seats, soldOut(shortage))
  const chosen = chooseSeats(ledger, event, wanted, booking)
  if (chosen === LATER) return isGrowth(more) ? putOff(ledger, event) : LATER
  if ('refusal' in chosen) return putOffOrRefuse(ledger, event, more.seats, chosen)
  if (isSame(chosen, booking) && change.metadata === undefined) return booked(booking)
  const resized = updateBooking(ledger, event, booking, 'resized', { ...chosen, ...change })
  serveWaitlist(ledger, event)
  return booked(resized)
}

function wantedBy(
  event: EventState,
  { seats, lines = null }: ResizeCommand,
  booking: Booking,
): Seats | Refused {
  if (seats === undefined) return { seats: booking.seats, lines: booking.lines }
  const wanted = resolveLines(event.settings, { seats, lines }, booking)
  if ('refusal' in wanted) return wanted
  return refusalOfLabels(event.occupancy?.seating ?? null, wanted, booking) ?? wanted
}

function isSame(wanted: Seats, booking: Booking): boolean {
  return wanted.seats === booking.seats && isDeepStrictEqual(wanted.lines, booking.lines)
}

function isGrowth({ seats, claim }: Need): boolean {
  return seats > 0 || claim.size > 0
}

function refusalOfChange(
  ledger: Ledger,
  { settings }: EventState,
  booking: Booking,
  wanted: Seats,
  more: Need,
): Refused | undefined {
  if (isGrowth(more)) {
    const notOnSale = statusRefusal(settings)
    if (notOnSale !== undefined) return notOnSale
  }
  if (more.seats < 0 && mustKeepSeats(booking, settings, ledger.now)) {
    return refuse('cancellation_closed')
  }
  const { maxSeatsPerBooking } = settings
  if (more.seats > 0 && wanted.seats > maxSeatsPerBooking) {
    return refuse('too_many_seats', maxSeatsPerBooking)
  }
  return refusalByTypes(settings, wanted, ledger.now, booking)
}

/** The metadata, where they are to become others. */
function differenceIn({ metadata }: ResizeCommand, booking: Booking): { metadata?: Metadata } {
  const isOther = metadata !== undefined && !isSameMetadata(metadata, booking.metadata)
  return isOther ? { metadata } : {}
}
