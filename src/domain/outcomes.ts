import type { Command } from './commands.ts'
import type { Booking, EventView, WaitlistEntry } from './model.ts'

/** Why a command was turned down; a refusal changes nothing. */
export type Refusal =
  | 'event_not_found'
  | 'booking_not_found'
  | 'waitlist_entry_not_found'
  | 'user_mismatch'
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

/** Nothing is left to show. */
export interface Done {
  readonly kind: 'done'
}

export interface Refused {
  readonly kind: 'refused'
  readonly refusal: Refusal
  /** The number of seats that the refusal turns on, where it turns on one. */
  readonly limit?: number
}

export type Success = Booked | Waiting | EventShown | Done
export type Outcome = Success | Refused

/** The kinds of success that each command can have. */
const SUCCESSES = {
  reserve: ['booking', 'waiting'],
  confirm: ['booking'],
  extend: ['booking'],
  cancel: ['done'],
  resize: ['booking'],
  leave_waitlist: ['done'],
  create_event: ['event'],
  change_event: ['event'],
  delete_event: ['done'],
  settle: ['done'],
} as const satisfies Record<Command['type'], readonly Success['kind'][]>

/** All that can be asked. */
export const COMMAND_TYPES = Object.keys(SUCCESSES).filter(isCommandType)

function isCommandType(name: string): name is Command['type'] {
  return Object.hasOwn(SUCCESSES, name)
}

type SuccessKindOf<C extends Command> = (typeof SUCCESSES)[C['type']][number]

export type SuccessOf<C extends Command> = Extract<Success, { kind: SuccessKindOf<C> }>

/** What can come of a command. */
export type OutcomeOf<C extends Command> = SuccessOf<C> | Refused

/** Whether an outcome is one that the command can have. */
export function isOutcomeOf<C extends Command>(
  command: C,
  outcome: Outcome,
): outcome is OutcomeOf<C> {
  const kinds: readonly string[] = SUCCESSES[command.type]
  return outcome.kind === 'refused' || kinds.includes(outcome.kind)
}

export const DONE: Done = { kind: 'done' }

/** @param limit - the number of seats that the refusal turns on */
export function refuse(refusal: Refusal, limit?: number): Refused {
  return limit === undefined ? { kind: 'refused', refusal } : { kind: 'refused', refusal, limit }
}

export function booked(booking: Booking): Booked {
  return { kind: 'booking', booking }
}
