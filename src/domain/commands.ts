import { serviceOf, type Caller } from './access.ts'
import type { Metadata } from './metadata.ts'
import type { EventSettings } from './model.ts'
import type { BestAvailable } from './seating/occupancy.ts'
import type { Seating } from './seating/seating.ts'

/**
 * What can be asked of the service. Every change of an event, its bookings and its waitlist is a
 * command: plain data, decided by `decide` while the event's lock is held, in order of arrival.
 */

/** Who asks. It stands in the history of whatever comes of the command. */
export interface Origin extends Caller {
  /** The request's id; null where the service itself asks. */
  readonly requestId: string | null
}

interface Asked {
  readonly origin: Origin
}

interface OfEvent extends Asked {
  readonly eventId: number
}

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

/** Make an event. */
export interface CreateEventCommand extends Asked {
  readonly type: 'create_event'
  readonly settings: EventSettings
}

/** The fingerprints (see `fingerprintOf`) of which the event must have one; null for any event. */
export type ExpectedFingerprints = readonly string[] | null

/** Change an event's settings, its capacity among others. */
export interface ChangeEventCommand extends OfEvent {
  readonly type: 'change_event'
  readonly changes: Partial<EventSettings>
  readonly expected: ExpectedFingerprints
}

/** The digests of which the seating must have one; or that there is one, or none. Null for any, and none. */
export type ExpectedSeating = readonly string[] | 'some' | 'none' | null

interface OfSeating extends OfEvent {
  /** Left out: null. */
  readonly expected?: ExpectedSeating
}

/** Number the seats of an event, or number them anew. */
export interface SetSeatingCommand extends OfSeating {
  readonly type: 'set_seating'
  readonly seating: Seating
  /** Equal for equal documents, and different for different ones. */
  readonly digest: string
}

/** Take the numbers of an event's seats away. */
export interface RemoveSeatingCommand extends OfSeating {
  readonly type: 'remove_seating'
}

/** Take numbered seats from sale, or give them back to it. */
export interface BlockSeatsCommand extends OfEvent {
  readonly type: 'block_seats' | 'unblock_seats'
  readonly labels: readonly string[]
}

/** Delete an event; with its bookings only where that is forced. */
export interface DeleteEventCommand extends OfEvent {
  readonly type: 'delete_event'
  readonly force: boolean
  readonly expected: ExpectedFingerprints
}

/** End holds that have expired and serve the waitlist, as happens before every other command. */
export interface SettleCommand extends OfEvent {
  readonly type: 'settle'
}

export type Command =
  | ReserveCommand
  | ConfirmCommand
  | ExtendCommand
  | CancelCommand
  | CancelOfUserCommand
  | ResizeCommand
  | LeaveWaitlistCommand
  | CreateEventCommand
  | ChangeEventCommand
  | DeleteEventCommand
  | SetSeatingCommand
  | RemoveSeatingCommand
  | BlockSeatsCommand
  | SettleCommand

/** No event has this id. */
export const NO_EVENT = 0

/** The event whose lock a command needs; null for the one that makes an event. */
export function eventIdOf(command: Command): number | null {
  return command.type === 'create_event' ? null : command.eventId
}

/** An event as somebody asks for it: it is there for its own tenant only. */
export interface AskedEvent {
  readonly id: number
  readonly tenantId: string
}

/** The event that a command asks for; undefined for the one that makes an event. */
export function askedEventOf(command: Command): AskedEvent | undefined {
  const id = eventIdOf(command)
  return id === null ? undefined : { id, tenantId: command.origin.tenantId }
}

/** Whether a command is decided on, or answered with, the event as a whole. */
export function asksForView(command: Command): boolean {
  if (command.type === 'delete_event') return command.expected !== null
  return command.type === 'change_event'
}

/** Has the service itself settle an event. */
export function settleCommand({ id: eventId, tenantId }: AskedEvent): SettleCommand {
  return { type: 'settle', eventId, origin: { ...serviceOf(tenantId), requestId: null } }
}
