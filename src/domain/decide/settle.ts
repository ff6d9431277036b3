import { freeSeatsOf } from '../capacity.ts'
import { isLineWhole, type EventState } from '../state.ts'
import { endBooking } from './changes.ts'
import type { Ledger } from './ledger.ts'
import { serveWaitlist } from './serve.ts'

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

/**
 * Whether seats that are taken, or kept for the waitlist, may be free after the next batch: holds
 * have expired that have not ended yet, somebody was left unserved, or the waitlist goes on behind what is
 * loaded of it.
 */
export function isUnsettled(event: EventState): boolean {
  if (event.isDeleted) return false
  return (
    event.isUnserved ||
    event.remainder.hasMoreExpired ||
    (event.settings.status === 'on_sale' && isLineLeft(event))
  )
}

/** Whether somebody may come to be served whom this batch does not know. */
function isLineLeft(event: EventState): boolean {
  const { kinds, line, waitlistLength, settings } = event
  if (kinds !== null) return kinds.horizon < Infinity
  if (waitlistLength === 0) return false
  return settings.pools.length > 0 || (line.size === 0 && freeSeatsOf(event) > 0)
}

/** What is waited for at the most of one pool; undefined where what is loaded does not tell. */
export function mostWaitedFor(event: EventState, pool: string | null): number | undefined {
  const { kinds } = event
  if (kinds === null) return pool === null ? largestWaiting(event) : undefined
  if (kinds.horizon < Infinity) return undefined
  return pool === null ? kinds.mostSeats() : kinds.mostOf(pool)
}

/** The seats of the largest party in line; undefined where what is loaded does not tell. */
function largestWaiting(event: EventState): number | undefined {
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
