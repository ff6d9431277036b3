import type { Booking, EventSettings, EventView, WaitlistEntry } from './model.ts'

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
  /** The number of the newest fact in the history. */
  lastSequence: number
  /** Seats of all bookings, expired holds included. */
  takenSeats: number
  /** Seats of all held bookings, expired ones included. */
  heldSeats: number
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
  /** The front of the waitlist, first come first, without a gap; all of it where it has that length. */
  readonly line: Map<number, WaitlistEntry>
  /** Entries behind that front which commands name, or which this batch has made. */
  readonly entriesBehind: Map<number, WaitlistEntry>
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
  /**
   * The entry with the most seats in line, which is loaded too; null where no command turns on it,
   * or nobody waits.
   */
  readonly largestEntry: WaitlistEntry | null
}

/** Nothing was left out. */
export const NO_REMAINDER: Remainder = {
  dueBookingIds: [],
  hasMoreExpired: false,
  moreExpiredSeats: 0,
  largestEntry: null,
}

/** An event that nobody has booked yet, and that nothing is known of but its settings. */
export function newEventState(id: number, tenantId: string, settings: EventSettings): EventState {
  return {
    id,
    tenantId,
    settings,
    isDeleted: false,
    lastSequence: 0,
    takenSeats: 0,
    heldSeats: 0,
    waitlistLength: 0,
    bookings: new Map(),
    bookedUsers: new Set(),
    expiredHolds: new Map(),
    line: new Map(),
    entriesBehind: new Map(),
    waitingUsers: new Set(),
    remainder: NO_REMAINDER,
  }
}

/** Seats that nobody has, where an expired hold counts until it has ended. */
export function freeSeatsOf({ settings, takenSeats }: EventState): number {
  return settings.totalSeats - takenSeats
}

/** Whether the whole waitlist is loaded. */
export function isLineWhole({ line, waitlistLength }: EventState): boolean {
  return line.size === waitlistLength
}

/** The event as it is shown. */
export function viewOf(event: EventState): EventView {
  return {
    ...event.settings,
    id: event.id,
    bookedSeats: event.takenSeats - event.heldSeats,
    heldSeats: event.heldSeats - event.remainder.moreExpiredSeats,
    waitlistLength: event.waitlistLength,
  }
}
