import type { Booking, EventSettings, WaitlistEntry } from './model.ts'
import type { Occupancy } from './seating/occupancy.ts'
import type { WaitingKinds } from './waiting-kinds.ts'

/** All that the commands of one batch are decided on, read while the locks of their events are held. */
export interface State {
  /** The events that exist, by id. */
  readonly events: ReadonlyMap<number, EventState>
  /** The database's clock in whole milliseconds, read after the locks were taken. */
  readonly now: Date
}

/**
 * An event and, of all that belongs to it, what the commands and the rules turn on. It belongs to
 * one batch, or one replay, and only `evolve` changes it.
 */
export interface EventState {
  readonly id: number
  /** Whose event it is: for others it is not there. */
  readonly tenantId: string
  /** Without its metadata (`{}`) where no command asks for a view: they may be large. */
  settings: EventSettings
  isDeleted: boolean
  /** Whether somebody who waits could be served, and is left to the next batch all the same. */
  isUnserved: boolean
  /** The number of the newest fact in the history. */
  lastSequence: number
  /** Seats of all bookings, expired holds included. */
  takenSeats: number
  /** Seats of all held bookings, expired ones included. */
  heldSeats: number
  /** Seats that bookings have taken of each pool, expired holds included. */
  readonly poolsTaken: Map<string, number>
  /** The digest of its seating; null where its seats have no numbers. */
  seatingDigest: string | null
  /** Who has which seat; null where there are no numbers, or no command turns on them. */
  occupancy: Occupancy | null
  /** Numbered seats that are not for sale: all, and those of each pool. */
  blockedSeats: number
  readonly poolsBlocked: Map<string, number>
  /** Those that commands name, with the pools that they are blocked of. */
  readonly blocked: Map<string, string | null>
  waitlistLength: number
  /** The bookings that commands name, and the holds that end in this batch. */
  readonly bookings: Map<number, Booking>
  /** Who is booked, an expired hold included: at least of those whom commands name. */
  readonly bookedUsers: Set<string>
  /**
   * Whose they were, of the bookings that commands name and that are gone because their hold had
   * expired; null where that is not known.
   */
  readonly expiredHolds: Map<number, string | null>
  /** Of those the bookings as they were, where that is known. */
  readonly expiredBookings: Map<number, Booking>
  /**
   * The front of the waitlist, first come first, without a gap; all of it where it has that length.
   * Of an event with pools it is the front of each kind of entries: see `kinds`.
   */
  readonly line: Map<number, WaitlistEntry>
  /** Entries behind that front which commands name, or which this batch has made. */
  readonly entriesBehind: Map<number, WaitlistEntry>
  /** Of an event with pools, what they wait for; null where it has none, or that is not loaded. */
  kinds: WaitingKinds | null
  /** Who is waiting: at least of those whom commands name. */
  readonly waitingUsers: Set<string>
  /** What was left out when the event was loaded, so that a batch has an end. */
  readonly remainder: Remainder
}

/** What of an event's expired holds and waitlist one batch leaves to the next. */
export interface Remainder {
  /** The expired holds that end in this batch, oldest first. */
  readonly dueBookingIds: readonly number[]
  /** Whether more holds have expired than end in this batch. */
  readonly hasMoreExpired: boolean
  /** Seats of those; 0 where no command asks for a view. */
  readonly moreExpiredSeats: number
  /** Likewise of each pool. */
  readonly moreExpiredOfPools: ReadonlyMap<string, number>
  /**
   * The entry with the most seats in line, which is loaded too; null where no command turns on it,
   * or nobody waits.
   */
  readonly largestEntry: WaitlistEntry | null
  /**
   * Of an event that is loaded as cancelled, the bookings that end in this batch because of that; none
   * where no booking is left, whatever the counters say. Null of any other event.
   */
  readonly endingBookingIds: readonly number[] | null
}

/** Nothing was left out. */
export const NO_REMAINDER: Remainder = {
  dueBookingIds: [],
  hasMoreExpired: false,
  moreExpiredSeats: 0,
  moreExpiredOfPools: new Map(),
  largestEntry: null,
  endingBookingIds: null,
}

/** An event that nobody has booked yet, and that nothing is known of but its settings. */
export function newEventState(id: number, tenantId: string, settings: EventSettings): EventState {
  return {
    id,
    tenantId,
    settings,
    isDeleted: false,
    isUnserved: false,
    lastSequence: 0,
    takenSeats: 0,
    heldSeats: 0,
    poolsTaken: new Map(),
    seatingDigest: null,
    occupancy: null,
    blockedSeats: 0,
    poolsBlocked: new Map(),
    blocked: new Map(),
    waitlistLength: 0,
    bookings: new Map(),
    bookedUsers: new Set(),
    expiredHolds: new Map(),
    expiredBookings: new Map(),
    line: new Map(),
    entriesBehind: new Map(),
    kinds: null,
    waitingUsers: new Set(),
    remainder: NO_REMAINDER,
  }
}

/** Whether the whole waitlist is loaded. */
export function isLineWhole({ line, waitlistLength }: EventState): boolean {
  return line.size === waitlistLength
}
