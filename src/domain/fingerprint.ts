import { hash } from 'node:crypto'
import type { EventView } from './model.ts'

/** To be raised when events are shown with other members: what a client has cached is old then. */
const VERSION = 2

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
    view.blockedSeats,
    view.waitlistLength,
    view.startsAt,
    view.salesStartAt,
    view.salesEndAt,
    view.maxSeatsPerBooking,
    view.holdSeconds,
    view.waitlistPromotesTo,
    view.pools.map(({ key, capacity, available }) => [key, capacity, available]),
    view.ticketTypes.map((type) => [
      type.key,
      type.name,
      type.pools,
      type.maxPerBooking,
      type.salesStartAt,
      type.salesEndAt,
    ]),
    view.status,
    view.timeZone,
    view.cancelUntil,
    view.waitlistClosesAt,
    view.metadata,
  ]
  return hash('sha256', JSON.stringify(members), 'base64url').slice(0, 27)
}
