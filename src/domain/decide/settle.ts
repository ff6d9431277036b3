import type { WaitlistEntry } from '../model.ts'
import { freeSeatsOf, isLineWhole, type EventState } from '../state.ts'
import { addBooking, endBooking, leaveLine } from './changes.ts'
import type { Ledger } from './ledger.ts'

/**
 * Ends the expired holds that are due in this batch and serves the waitlist, as far as it is
 * loaded. What is left is for the next batch: see `isUnsettled`.
 */
export function settle(ledger: Ledger, event: EventState): void {
  for (const id of event.remainder.dueBookingIds) {
    const booking = event.bookings.get(id)
    if (booking !== undefined) endBooking(ledger, event, booking, 'expired')
  }
  // Also where none has ended: seats may have been given back in SQL.
  serveWaitlist(ledger, event)
}

/** First come, first served: the first in line is never overtaken, by no smaller party either. */
export function serveWaitlist(ledger: Ledger, event: EventState): void {
  for (let first = firstInLine(event); first !== undefined; first = firstInLine(event)) {
    // Booked by somebody who wrote past the service: nobody waits for what they have.
    if (event.bookedUsers.has(first.userId)) leaveLine(ledger, event, first)
    else if (first.seats > freeSeatsOf(event)) return
    else promote(ledger, event, first)
  }
}

/**
 * Whether seats that are taken, or kept for the waitlist, may be free after the next batch: holds
 * have expired that have not ended yet, or the waitlist goes on behind what is loaded of it.
 */
export function isUnsettled(event: EventState): boolean {
  if (event.isDeleted) return false
  const isLineLeft = event.line.size === 0 && event.waitlistLength > 0 && freeSeatsOf(event) > 0
  return event.remainder.hasMoreExpired || isLineLeft
}

/**
 * Free seats are for those who wait, and for those who asked before and were put off: newcomers, and
 * bookings that grow, do not overtake them.
 */
export function hasRoom(ledger: Ledger, event: EventState, seats: number): boolean {
  if (event.waitlistLength > 0 || ledger.hasPutOff(event)) return false
  return seats <= freeSeatsOf(event)
}

/** Whether there may be room after the next batch, so that a refusal now could be wrong. */
export function mayFindRoom(ledger: Ledger, event: EventState, seats: number): boolean {
  if (event.remainder.hasMoreExpired) return true
  // Each of those who wait takes a seat at least.
  const isForTheLine = freeSeatsOf(event) < event.waitlistLength + seats
  return !isForTheLine && (isUnsettled(event) || ledger.hasPutOff(event))
}

/** The seats of the largest party in line; undefined where what is loaded does not tell. */
export function largestWaiting(event: EventState): number | undefined {
  const { line, entriesBehind, remainder } = event
  if (!isLineWhole(event)) {
    const { largestEntry } = remainder
    if (largestEntry === null) return undefined
    // Served or given up since it was read: another one is the largest now.
    const isThere = line.has(largestEntry.id) || entriesBehind.has(largestEntry.id)
    if (!isThere) return undefined
  }
  const known = [...line.values(), ...entriesBehind.values()]
  return known.reduce((most, { seats }) => Math.max(most, seats), 0)
}

function firstInLine({ line }: EventState): WaitlistEntry | undefined {
  for (const entry of line.values()) return entry
  return undefined
}

function promote(ledger: Ledger, event: EventState, entry: WaitlistEntry): void {
  const { userId, seats } = entry
  const status = event.settings.waitlistPromotesTo
  addBooking(ledger, event, { type: 'promoted', userId, seats, status, waitlistEntryId: entry.id })
}
