import type { EventSettings, EventView } from '../../domain/model.ts'
import { isoOf } from '../../domain/moment.ts'
import type { EventShown } from '../../domain/outcomes.ts'
import type { Answer } from '../../http/answer.ts'
import { eventTag, tagHeaders } from '../../http/etag.ts'
import { offerJson, offerSettingsJson } from './offer-view.ts'

/** An event as JSON. It has nothing in it that its ETag does not depend on: see `fingerprintOf`. */
export function eventJson(event: EventView) {
  const { totalSeats, bookedSeats, heldSeats, blockedSeats } = event
  return {
    id: event.id,
    name: event.name,
    total_seats: totalSeats,
    available_seats: totalSeats - bookedSeats - heldSeats - blockedSeats,
    booked_seats: bookedSeats,
    held_seats: heldSeats,
    blocked_seats: blockedSeats,
    waitlist_length: event.waitlistLength,
    starts_at: isoOf(event.startsAt),
    sales_start_at: isoOf(event.salesStartAt),
    sales_end_at: isoOf(event.salesEndAt),
    max_seats_per_booking: event.maxSeatsPerBooking,
    hold_seconds: event.holdSeconds,
    waitlist_promotes_to: event.waitlistPromotesTo,
    ...offerJson(event),
    status: event.status,
    time_zone: event.timeZone,
    cancel_until: isoOf(event.cancelUntil),
    waitlist_closes_at: isoOf(event.waitlistClosesAt),
    metadata: event.metadata,
  }
}

/** Settings, or some of them, as JSON; by the same names. */
export function settingsJson(settings: Partial<EventSettings>) {
  const { startsAt, salesStartAt, salesEndAt, cancelUntil, waitlistClosesAt } = settings
  return {
    ...(settings.name !== undefined && { name: settings.name }),
    ...(settings.totalSeats !== undefined && { total_seats: settings.totalSeats }),
    ...(startsAt !== undefined && { starts_at: isoOf(startsAt) }),
    ...(salesStartAt !== undefined && { sales_start_at: isoOf(salesStartAt) }),
    ...(salesEndAt !== undefined && { sales_end_at: isoOf(salesEndAt) }),
    ...(settings.maxSeatsPerBooking !== undefined && {
      max_seats_per_booking: settings.maxSeatsPerBooking,
    }),
    ...(settings.holdSeconds !== undefined && { hold_seconds: settings.holdSeconds }),
    ...(settings.waitlistPromotesTo !== undefined && {
      waitlist_promotes_to: settings.waitlistPromotesTo,
    }),
    ...offerSettingsJson(settings),
    ...(settings.status !== undefined && { status: settings.status }),
    ...(settings.timeZone !== undefined && { time_zone: settings.timeZone }),
    ...(cancelUntil !== undefined && { cancel_until: isoOf(cancelUntil) }),
    ...(waitlistClosesAt !== undefined && { waitlist_closes_at: isoOf(waitlistClosesAt) }),
    ...(settings.metadata !== undefined && { metadata: settings.metadata }),
  }
}

/** The event as it is now, with its entity tag. */
export function viewEvent({ event }: EventShown): Answer {
  return { status: 200, headers: tagHeaders(eventTag(event)), body: eventJson(event) }
}

/** An event that was made. */
export function viewCreated(success: EventShown): Answer {
  return { ...viewEvent(success), status: 201, location: `/api/events/${success.event.id}` }
}
