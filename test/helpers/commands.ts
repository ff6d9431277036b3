import type { AskedEvent, Command } from '../../src/domain/commands.ts'
import type {
  CancelCommand,
  CancelOfUserCommand,
  ConfirmCommand,
  ExtendCommand,
  LeaveWaitlistCommand,
  ReserveCommand,
  ResizeCommand,
} from '../../src/domain/commands/bookings.ts'
import type {
  ChangeEventCommand,
  CreateEventCommand,
  DeleteEventCommand,
  SettleCommand,
} from '../../src/domain/commands/events.ts'
import type {
  BlockSeatsCommand,
  RemoveSeatingCommand,
  SetSeatingCommand,
} from '../../src/domain/commands/seating.ts'
import { DEFAULT_TENANT, serviceOf, type Caller } from '../../src/domain/access.ts'
import type { Metadata } from '../../src/domain/metadata.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import type { Seating } from '../../src/domain/seating/seating.ts'

// The one place where tests make commands: what a command consists of is the domain's business, and
// changes with it.

/** Asked by the service itself, as far as the history tells. */
export const NOBODY = { ...serviceOf(DEFAULT_TENANT), requestId: null }

/** What a reservation may ask for beyond one confirmed seat. */
export type ReserveOptions = Partial<
  Pick<ReserveCommand, 'seats' | 'lines' | 'hold' | 'waitlist' | 'metadata'>
>

/** Conditions of a change or a deletion. */
export interface Condition {
  /** Whether the event is in the state for which the request was made, by its `If-Match`. */
  readonly isExpected?: boolean
}

/** The command of a request that names an event and a user, and only what `options` adds. */
export function plainReserve(
  eventId: number,
  userId: string,
  options: ReserveOptions = {},
): ReserveCommand {
  const plain = { seats: 1, lines: null, hold: false, waitlist: false, origin: NOBODY }
  return { type: 'reserve', eventId, userId, ...plain, ...options }
}

export function confirm(eventId: number, bookingId: number, reacquire = false): ConfirmCommand {
  return { type: 'confirm', eventId, bookingId, reacquire, origin: NOBODY }
}

export function extend(eventId: number, bookingId: number): ExtendCommand {
  return { type: 'extend', eventId, bookingId, origin: NOBODY }
}

export function cancel(eventId: number, bookingId: number): CancelCommand {
  return { type: 'cancel', eventId, bookingId, origin: NOBODY }
}

export function cancelOfUser(eventId: number, userId: string): CancelOfUserCommand {
  return { type: 'cancel_of_user', eventId, userId, origin: NOBODY }
}

export function resize(
  eventId: number,
  bookingId: number,
  seats?: number,
  metadata?: Metadata,
): ResizeCommand {
  return { type: 'resize', eventId, bookingId, seats, metadata, origin: NOBODY }
}

export function leaveWaitlist(eventId: number, entryId: number): LeaveWaitlistCommand {
  return { type: 'leave_waitlist', eventId, entryId, origin: NOBODY }
}

export function changeEvent(
  eventId: number,
  changes: Partial<EventSettings>,
  { isExpected = true }: Condition = {},
): ChangeEventCommand {
  const condition = { expected: isExpected ? null : [] }
  return { type: 'change_event', eventId, changes, ...condition, origin: NOBODY }
}

export function deleteEvent(
  eventId: number,
  { force = false, isExpected = true }: Condition & { readonly force?: boolean } = {},
): DeleteEventCommand {
  const condition = { expected: isExpected ? null : [] }
  return { type: 'delete_event', eventId, force, ...condition, origin: NOBODY }
}

export function setSeating(eventId: number, seating: Seating, digest: string): SetSeatingCommand {
  return { type: 'set_seating', eventId, seating, digest, origin: NOBODY }
}

export function removeSeating(eventId: number): RemoveSeatingCommand {
  return { type: 'remove_seating', eventId, origin: NOBODY }
}

export function blockSeats(
  eventId: number,
  labels: readonly string[],
  type: BlockSeatsCommand['type'] = 'block_seats',
): BlockSeatsCommand {
  return { type, eventId, labels, origin: NOBODY }
}

export function settle(eventId: number): SettleCommand {
  return { type: 'settle', eventId, origin: NOBODY }
}

/** An event with the settings that it has by default, but for those that are given. */
export function createEventCommand(settings: Partial<EventSettings> = {}): CreateEventCommand {
  const all = { ...DEFAULT_SETTINGS, name: 'Concert', totalSeats: 10, ...settings }
  return { type: 'create_event', settings: all, origin: NOBODY }
}

/** The command as a request asks for it, which the history then names. */
export function askedBy<C extends Command>(requestId: string, command: C): C {
  return { ...command, origin: { ...command.origin, requestId } }
}

/** The command as somebody else asks for it: of another tenant, or for one user only. */
export function asCaller<C extends Command>(caller: Partial<Caller>, command: C): C {
  return { ...command, origin: { ...command.origin, ...caller } }
}

/** The request that asks for the command. */
export function requestIdOf({ origin: { requestId } }: Command): string {
  if (requestId === null) throw new TypeError('no request asks for the command')
  return requestId
}

/** Events as their own tenant asks for them, where nobody says another one. */
export function asked(...ids: readonly number[]): AskedEvent[] {
  return ids.map((id) => ({ id, tenantId: NOBODY.tenantId }))
}
