import type { Booking, EventStatus, EventView, WaitlistEntry } from './model.ts'
import type { LineFlaw } from './seating/claims.ts'

/** Why a command was turned down; a refusal changes nothing. */
export type Refusal =
  | 'event_not_found'
  | 'booking_not_found'
  | 'waitlist_entry_not_found'
  | 'user_mismatch'
  | 'unknown_pool'
  | 'unknown_ticket_type'
  | 'duplicate_key'
  | 'lines_required'
  | 'labels_invalid'
  | 'unknown_section'
  | 'seating_not_found'
  | 'seats_taken'
  | 'seats_not_together'
  | 'not_on_sale'
  | 'event_cancelled'
  | 'too_many_seats'
  | 'already_booked'
  | 'already_waiting'
  | 'sales_not_open'
  | 'sales_closed'
  | 'sold_out'
  | 'exceeds_capacity'
  | 'waitlist_too_varied'
  | 'waitlist_closed'
  | 'hold_expired'
  | 'not_held'
  | 'hold_limit_reached'
  | 'cancellation_closed'
  | 'capacity_below_taken'
  | 'capacity_below_waiting'
  | 'sales_window_invalid'
  | 'event_has_bookings'
  | 'event_changed'
  | 'seating_changed'
  | 'idempotency_key_reused'

export interface Booked {
  readonly kind: 'booking'
  readonly booking: Booking
}

export interface Waiting {
  readonly kind: 'waiting'
  readonly entry: WaitlistEntry
  /** 1 is served next. */
  readonly position: number
}

export interface EventShown {
  readonly kind: 'event'
  readonly event: EventView
}

/** The numbered seats of an event are as was asked for. */
export interface SeatingShown {
  readonly kind: 'seating'
  readonly digest: string
}

/** Nothing is left to show. */
export interface Done {
  readonly kind: 'done'
}

export interface Refused {
  readonly kind: 'refused'
  readonly refusal: Refusal
  /** The number of seats that the refusal turns on, where it turns on one. */
  readonly limit?: number
  readonly details?: RefusalDetails
  /** The event's status, where the refusal turns on it. */
  readonly status?: EventStatus
}

/** What a refusal turns on, for programs to read. */
export interface RefusalDetails {
  /** Which of the lines that were asked for, from 0. */
  readonly line?: number
  /** The place of a key in what an event is to be like: `ticket_types.0.pools.1`. */
  readonly path?: string
  /** What is wrong with labels. */
  readonly flaw?: LineFlaw
  /** Labels that are wrong. */
  readonly labels?: readonly string[]
  /** Labels of seats that somebody has. */
  readonly labelsTaken?: readonly string[]
  /** Which pool; null for the seats of the event. */
  readonly pool?: string | null
  /** The key of a pool or ticket type that is not there, or is there twice. */
  readonly key?: string
  /** Seats of the pool that nobody has taken: they may be kept for those who wait. */
  readonly available?: number
  /** Seats that somebody in line waits for. */
  readonly waitedFor?: number
  /** Seats that are blocked. */
  readonly blocked?: number
  /** Those who wait at the event; 0 where none of them takes from the pool. */
  readonly waitingBefore?: number
}

export type Success = Booked | Waiting | EventShown | SeatingShown | Done
export type Outcome = Success | Refused

export const DONE: Done = { kind: 'done' }

/** @param limit - the number of seats that the refusal turns on */
export function refuse(refusal: Refusal, limit?: number, details?: RefusalDetails): Refused {
  return {
    kind: 'refused',
    refusal,
    ...(limit !== undefined && { limit }),
    ...(details !== undefined && { details }),
  }
}

/** Nothing can be reserved at an event of this status. */
export function refuseFor(status: EventStatus): Refused {
  return { kind: 'refused', refusal: 'not_on_sale', status }
}

export function booked(booking: Booking): Booked {
  return { kind: 'booking', booking }
}
