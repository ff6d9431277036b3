import type { EventState } from '../state.ts'
import { endBooking, leaveLine } from './changes.ts'
import type { Ledger } from './ledger.ts'

/**
 * Ends bookings and waitlist entries of a cancelled event, as far as they are loaded for it. After
 * the commands of the batch: those are decided on what reads show until then, so that somebody who
 * cancels a booking, or confirms a hold, is not told that it never was.
 */
export function endPiece(ledger: Ledger, event: EventState): void {
  const { endingBookingIds } = event.remainder
  if (event.isDeleted || endingBookingIds === null) return
  for (const id of endingBookingIds) {
    const booking = event.bookings.get(id)
    if (booking === undefined) continue
    endBooking(ledger, event, booking, booking.status === 'held' ? 'released' : 'cancelled')
  }
  for (const entry of [...event.line.values()]) leaveLine(ledger, event, entry)
}

/** Whether bookings or waitlist entries of a cancelled event are left to the next batch. */
export function isEnding({
  settings,
  isDeleted,
  takenSeats,
  waitlistLength,
  remainder,
}: EventState): boolean {
  if (isDeleted || settings.status !== 'cancelled') return false
  // Where no booking was found, a counter is wrong that would ask for batches for ever.
  const isBooked = takenSeats > 0 && remainder.endingBookingIds?.length !== 0
  return isBooked || waitlistLength > 0
}
