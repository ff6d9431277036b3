/** The things that the service is about, as every room of it sees them. */

export const BOOKING_STATUSES = ['confirmed', 'held'] as const
export type BookingStatus = (typeof BOOKING_STATUSES)[number]

/** A user's seats at an event. */
export interface Booking {
  readonly id: number
  readonly eventId: number
  readonly userId: string
  readonly seats: number
  readonly status: BookingStatus
  /** When a held booking ends by itself; null where it is confirmed. */
  readonly expiresAt: Date | null
  /** Null where it is not known: the predecessor, and whoever else writes, may leave it out. */
  readonly createdAt: Date | null
}

/** A user's place in the waitlist of an event. */
export interface WaitlistEntry {
  readonly id: number
  readonly eventId: number
  readonly userId: string
  readonly seats: number
  readonly createdAt: Date
}

/** What the organizer of an event sets. */
export interface EventSettings {
  readonly name: string
  readonly totalSeats: number
  readonly startsAt: Date | null
  readonly salesStartAt: Date | null
  readonly salesEndAt: Date | null
  readonly maxSeatsPerBooking: number
  readonly holdSeconds: number
  readonly waitlistPromotesTo: BookingStatus
  readonly metadata: Readonly<Record<string, unknown>>
}

/** An event as it is at one instant: an expired hold takes no seat. */
export interface EventView extends EventSettings {
  readonly id: number
  readonly bookedSeats: number
  readonly heldSeats: number
  readonly waitlistLength: number
}
