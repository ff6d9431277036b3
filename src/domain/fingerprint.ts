import { hash } from 'node:crypto'
import type { EventView } from './model.ts'

/** To be raised when events are shown with other members: what a client has cached is old then. */
const VERSION = 1

/**
 * Tells two states of an event apart: equal for equal views, different for different ones (SHA-256,
 * cut to 162 bits). Conditions on an event are stated in it.
 */
export function fingerprintOf(view: EventView): string {
  // Named one by one: views come from rows and from commands, with their members in any order.
  const members = [
    VERSION,
    view.id,
    view.name,
    view.totalSeats,
    view.bookedSeats,
    view.heldSeats,
    view.waitlistLength,
    view.startsAt,
    view.salesStartAt,
    view.salesEndAt,
    view.maxSeatsPerBooking,
    view.holdSeconds,
    view.waitlistPromotesTo,
    view.metadata,
  ]
  return hash('sha256', JSON.stringify(members), 'base64url').slice(0, 27)
}
