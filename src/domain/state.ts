import type { Booking, BookingStatus, EventSettings, WaitlistEntry } from './commands.ts'

/** All that the commands of one batch are decided on, read under the locks of their events. */
export interface State {
  /** The events that exist, by id. */
  readonly events: ReadonlyMap<number, EventState>
  /** Ids for new bookings, ascending: as many as the commands can lead to. */
  readonly bookingIds: readonly number[]
  /** Ids for new waitlist entries, ascending: as many as the commands can lead to. */
  readonly entryIds: readonly number[]
  /** The database's clock in whole milliseconds, read after the locks were had. */
  readonly now: Date
}

/** An event and, of all that belongs to it, at least what the commands and the rules turn on. */
export interface EventState {
  readonly id: number
  /** Without its metadata (`{}`) where no command asks for a view: they may be large. */
  readonly settings: EventSettings
  /** Seats of all bookings, expired holds included. */
  readonly takenSeats: number
  /** Seats of all held bookings, expired ones included; 0 where no command asks for a view. */
  readonly heldSeats: number
  /** Who is booked, an expired hold included: at least of those whom commands name. */
  readonly bookedUsers: ReadonlySet<string>
  /** The bookings that commands name, and every hold that has expired. */
  readonly bookings: readonly Booking[]
  /** Bookings that commands name and that are gone because their hold had expired. */
  readonly expiredBookingIds: ReadonlySet<number>
  /**
   * The first in line, as many as can come to be served; and the entries that commands name. The
   * whole line where a command changes the capacity.
   */
  readonly waitlist: readonly WaitlistEntry[]
  readonly waitlistLength: number
  /** Who is in line: at least of those whom commands name. */
  readonly waitingUsers: ReadonlySet<string>
  readonly lastSequence: number
}

/** What the decisions change of one event. */
export interface Changes {
  readonly eventId: number
  readonly newBookings: readonly Booking[]
  readonly updatedBookings: readonly Booking[]
  readonly removedBookingIds: readonly number[]
  /** The removed ones of which to remember that their hold had expired. */
  readonly expiredBookingIds: readonly number[]
  readonly newEntries: readonly WaitlistEntry[]
  readonly removedEntryIds: readonly number[]
  /** The settings where they changed; null where not. */
  readonly settings: EventSettings | null
  readonly isDeleted: boolean
  readonly history: History
}

/** A run of an event's history: the first change has the sequence number `firstSequence`. */
export interface History {
  readonly firstSequence: number
  readonly at: Date
  readonly changes: readonly HistoryChange[]
}

export type HistoryType =
  | 'booked'
  | 'held'
  | 'confirmed'
  | 'extended'
  | 'resized'
  | 'cancelled'
  | 'released'
  | 'expired'
  | 'promoted'
  | 'waitlisted'
  | 'left_waitlist'
  | 'event_created'
  | 'capacity_changed'
  | 'event_deleted'

/** One change, as it is stored and shown: what it leaves behind can be replayed from it. */
export interface HistoryChange {
  readonly type: HistoryType
  readonly user_id?: string
  readonly booking_id?: number
  readonly waitlist_entry_id?: number
  /** Of the booking, the place in line, or (of an event) the capacity. */
  readonly seats_before: number
  readonly seats_after: number
  /** Of the booking, after the change; left out where it is gone. */
  readonly status?: BookingStatus
  readonly expires_at?: string
  readonly request_id?: string
}
