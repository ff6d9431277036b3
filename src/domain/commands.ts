/**
 * What can be asked of an event's seats, and what can come of it.
 *
 * Every change of seats is a command: it is decided by `decide` under the event's lock, in order
 * of arrival, and nowhere else.
 */

interface OfEvent {
  readonly eventId: number
  /** The request that asks, for the history; null where the service itself does. */
  readonly requestId: string | null
}

/** Take seats at an event for a user: all or none. */
export interface ReserveCommand extends OfEvent {
  readonly type: 'reserve'
  readonly userId: string
  readonly seats: number
  /** Whether the booking is to be held for a while, instead of confirmed at once. */
  readonly hold: boolean
  /** Whether to wait in line where there is no room. */
  readonly waitlist: boolean
}

/** Make a held booking a confirmed one. */
export interface ConfirmCommand extends OfEvent {
  readonly type: 'confirm'
  readonly bookingId: number
}

/** Hold a held booking for longer. */
export interface ExtendCommand extends OfEvent {
  readonly type: 'extend'
  readonly bookingId: number
}

/** Give a booking's seats back, held or confirmed. */
export interface CancelCommand extends OfEvent {
  readonly type: 'cancel'
  readonly bookingId: number
}

/** Grow or shrink a booking to a number of seats. */
export interface ResizeCommand extends OfEvent {
  readonly type: 'resize'
  readonly bookingId: number
  readonly seats: number
}

/** Give a place in line up. */
export interface LeaveWaitlistCommand extends OfEvent {
  readonly type: 'leave_waitlist'
  readonly entryId: number
}

/** Change an event, its capacity among other things. */
export interface ChangeEventCommand extends OfEvent {
  readonly type: 'change_event'
  readonly changes: Partial<EventSettings>
  readonly isExpected: (event: EventView) => boolean
}

/** Delete an event; with its bookings only where that is forced. */
export interface DeleteEventCommand extends OfEvent {
  readonly type: 'delete_event'
  readonly force: boolean
  readonly isExpected: (event: EventView) => boolean
}

/** Let go of the holds that have expired and serve the waitlist, as every command does first. */
export interface SweepCommand extends OfEvent {
  readonly type: 'sweep'
}

export type Command =
  | ReserveCommand
  | ConfirmCommand
  | ExtendCommand
  | CancelCommand
  | ResizeCommand
  | LeaveWaitlistCommand
  | ChangeEventCommand
  | DeleteEventCommand
  | SweepCommand

export type BookingStatus = 'held' | 'confirmed'

/** A user's seats at an event. */
export interface Booking {
  readonly id: number
  readonly eventId: number
  readonly userId: string
  readonly seats: number
  readonly status: BookingStatus
  /** When a held booking ends by itself; null where it is confirmed. */
  readonly expiresAt: Date | null
  readonly createdAt: Date
}

/** A user's place in line. */
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

/** Why a command was turned down; a refusal changes nothing. */
export type Refusal =
  | 'event_not_found'
  | 'booking_not_found'
  | 'waitlist_entry_not_found'
  | 'too_many_seats'
  | 'already_booked'
  | 'already_waiting'
  | 'sales_not_open'
  | 'sales_closed'
  | 'sold_out'
  | 'exceeds_capacity'
  | 'hold_expired'
  | 'not_held'
  | 'hold_limit_reached'
  | 'capacity_below_taken'
  | 'capacity_below_waiting'
  | 'sales_window_invalid'
  | 'event_has_bookings'
  | 'event_changed'

export type Result =
  | { readonly kind: 'booking'; readonly booking: Booking }
  | { readonly kind: 'waiting'; readonly entry: WaitlistEntry; readonly position: number }
  | { readonly kind: 'event'; readonly event: EventView }
  | { readonly kind: 'done' }

export type Outcome =
  | { readonly ok: true; readonly result: Result }
  /** `figure` is the number that the refusal turns on, where it turns on one. */
  | { readonly ok: false; readonly refusal: Refusal; readonly figure?: number }
