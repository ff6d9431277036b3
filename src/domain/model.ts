import type { Carrying, Metadata } from './metadata.ts'
import type { BestAvailable } from './seating/occupancy.ts'

/** The things that the service is about, as every room of it sees them. */

export const BOOKING_STATUSES = ['confirmed', 'held'] as const
export type BookingStatus = (typeof BOOKING_STATUSES)[number]

/** The ticket type of an event whose organizer has set none: it takes from all seats alone. */
export const DEFAULT_TYPE = 'default'

/** A named capacity of an event. The seats of the event are the pool that every line takes from. */
export interface Pool {
  readonly key: string
  readonly capacity: number
}

/** What is sold of an event. */
export interface TicketType {
  readonly key: string
  readonly name: string
  /** The keys of the pools that each of its seats is taken from, beside the seats of the event. */
  readonly pools: readonly string[]
  /** Most seats of the type in one booking; null where only the event has a limit. */
  readonly maxPerBooking: number | null
  readonly salesStartAt: Date | null
  readonly salesEndAt: Date | null
}

/** Seats of one ticket type: a part of a booking, or of what somebody waits for. */
export interface Line {
  readonly ticketType: string
  readonly seats: number
  /** The pools that they are taken from, as the type had them when the line was made. */
  readonly pools: readonly string[]
  /** The numbered seats that they are; left out where they are not numbered, or not chosen yet. */
  readonly labels?: readonly string[]
  /** While somebody waits for them: that they are to be chosen, and how. */
  readonly bestAvailable?: BestAvailable
}

/** A user's seats at an event. */
export interface Booking extends Carrying {
  readonly id: number
  readonly eventId: number
  readonly userId: string
  readonly seats: number
  /** Null where all seats are of the default type. */
  readonly lines: readonly Line[] | null
  readonly status: BookingStatus
  /** When a held booking ends by itself; null where it is confirmed. */
  readonly expiresAt: Date | null
  /** Null where it is not known: the predecessor, and whoever else writes, may leave it out. */
  readonly createdAt: Date | null
}

/** Why a booking is no more; a hold that was given back was released. */
export const END_REASONS = ['expired', 'cancelled', 'released'] as const
export type EndReason = (typeof END_REASONS)[number]

/** The last state of a booking that has ended. */
export interface EndedBooking extends Omit<Booking, 'status'> {
  readonly reason: EndReason
  readonly endedAt: Date
}

/** A user's place in the waitlist of an event. */
export interface WaitlistEntry extends Carrying {
  readonly id: number
  readonly eventId: number
  readonly userId: string
  readonly seats: number
  /** Null where all seats are of the default type. */
  readonly lines: readonly Line[] | null
  readonly createdAt: Date
}

/** Whether seats of an event can be had. Cancelled is final. */
export const EVENT_STATUSES = ['draft', 'on_sale', 'paused', 'cancelled'] as const
export type EventStatus = (typeof EVENT_STATUSES)[number]

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
  readonly pools: readonly Pool[]
  /** Empty where there is the default type alone. */
  readonly ticketTypes: readonly TicketType[]
  /** Nothing is reserved, and nobody in line is served, but where it is on sale. */
  readonly status: EventStatus
  /** An IANA name, by which the event's times are to be shown; the rules don't turn on it. */
  readonly timeZone: string | null
  /** From then on confirmed bookings keep their seats; null: no limit. */
  readonly cancelUntil: Date | null
  /** From then on nobody joins the line; null: no limit. */
  readonly waitlistClosesAt: Date | null
  readonly metadata: Metadata
}

/** A pool as it is at one instant. */
export interface PoolView extends Pool {
  /** Seats that nobody has taken. */
  readonly available: number
}

/** An event as it is at one instant: an expired hold takes no seat. */
export interface EventView extends EventSettings {
  readonly id: number
  readonly pools: readonly PoolView[]
  readonly bookedSeats: number
  readonly heldSeats: number
  /** Numbered seats that are not for sale. */
  readonly blockedSeats: number
  readonly waitlistLength: number
}
