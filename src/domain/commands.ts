import { serviceOf } from './access.ts'
import type {
  CancelCommand,
  CancelOfUserCommand,
  ConfirmCommand,
  ExtendCommand,
  LeaveWaitlistCommand,
  ReserveCommand,
  ResizeCommand,
} from './commands/bookings.ts'
import type {
  ChangeEventCommand,
  CreateEventCommand,
  DeleteEventCommand,
  SettleCommand,
} from './commands/events.ts'
import type {
  BlockSeatsCommand,
  RemoveSeatingCommand,
  SetSeatingCommand,
} from './commands/seating.ts'

/**
 * What can be asked of the service. Every change of an event, its bookings and its waitlist is a
 * command: plain data, decided by `decide` while the event's lock is held, in order of arrival.
 */
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
