import type { Metadata } from '../metadata.ts'
import type { BestAvailable } from '../seating/occupancy.ts'
import type { OfEvent } from './asked.ts'

/** What can be asked for of bookings, and of places in line. */

interface OfBooking extends OfEvent {
  readonly bookingId: number
}

/** Seats of a ticket type that are asked for. */
export interface AskedLine {
  readonly ticketType: string
  readonly seats: number
  /** The numbered seats that they are to be; left out where it is not for the caller to say. */
  readonly labels?: readonly string[]
  /** Has the service choose them. */
  readonly bestAvailable?: BestAvailable
}

/** Seats that are asked for: of several types, or of the only one. */
export interface AskedSeats {
  /** All of them. */
  readonly seats: number
  /** Null where they are of the only type that there is. */
  readonly lines: readonly AskedLine[] | null
}

/** Take seats at an event for a user: all or none. */
export interface ReserveCommand extends OfEvent, AskedSeats {
  readonly type: 'reserve'
  readonly userId: string
  /** Whether the booking is to be held for a while, instead of confirmed at once. */
  readonly hold: boolean
  /** Whether to join the waitlist where there is no room. */
  readonly waitlist: boolean
  /** What the booking, or the place in line, is to carry. */
  readonly metadata?: Metadata | undefined
}

/** Make a held booking a confirmed one. */
export interface ConfirmCommand extends OfBooking {
  readonly type: 'confirm'
  /** Whether its seats are to be taken again where the hold has expired, if they are free. */
  readonly reacquire?: boolean
}

/** Hold a held booking for longer. */
export interface ExtendCommand extends OfBooking {
  readonly type: 'extend'
}

/** Give a booking's seats back, held or confirmed. */
export interface CancelCommand extends OfBooking {
  readonly type: 'cancel'
}

/** Likewise of the booking that a user has, whichever that is by then: a user has one at the most. */
export interface CancelOfUserCommand extends OfEvent {
  readonly type: 'cancel_of_user'
  readonly userId: string
}

/**
 * Grow or shrink a booking to a number of seats, change of which types or where they are, or have it
 * carry other metadata; or all of these.
 */
export interface ResizeCommand extends OfBooking {
  readonly type: 'resize'
  /** Left out: the seats that it has. */
  readonly seats?: number | undefined
  /** Null or left out where the seats are of the only type that there is. */
  readonly lines?: AskedSeats['lines'] | undefined
  /** Left out: those that it has. */
  readonly metadata?: Metadata | undefined
}

/** Give up a place in the waitlist. */
export interface LeaveWaitlistCommand extends OfEvent {
  readonly type: 'leave_waitlist'
  readonly entryId: number
}
