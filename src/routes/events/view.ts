import { entityTag } from '../../http/etag.ts'
import type { EventView } from '../../domain/commands.ts'

/** An event as JSON. The ETag is computed of it, so it has nothing in it that reading changes. */
export function representEvent(event: EventView) {
  const { totalSeats, bookedSeats, heldSeats } = event
  return {
    id: event.id,
    name: event.name,
    total_seats: totalSeats,
    available_seats: totalSeats - bookedSeats - heldSeats,
    booked_seats: bookedSeats,
    held_seats: heldSeats,
    waitlist_length: event.waitlistLength,
    starts_at: isoOf(event.startsAt),
    sales_start_at: isoOf(event.salesStartAt),
    sales_end_at: isoOf(event.salesEndAt),
    max_seats_per_booking: event.maxSeatsPerBooking,
    hold_seconds: event.holdSeconds,
    waitlist_promotes_to: event.waitlistPromotesTo,
    metadata: event.metadata,
  }
}

/** The entity tag of an event's representation: the one that GET sends and `If-Match` is held to. */
export function eventTag(event: EventView): string {
  return entityTag(representEvent(event))
}

function isoOf(date: Date | null): string | null {
  return date === null ? null : date.toISOString()
}
