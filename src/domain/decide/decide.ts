import type { AskedEvent, Command } from '../commands.ts'
import type { Fact } from '../facts.ts'
import { DONE, refuse, type Refusal } from '../outcomes.ts'
import type { EventState, State } from '../state.ts'
import { blockSeats, unblockSeats } from './blocking.ts'
import { cancel, cancelOfUser, confirm, extend, leaveWaitlist } from './bookings.ts'
import { endPiece, isEnding } from './ending.ts'
import { changeEvent, createEvent, deleteEvent } from './events.ts'
import { Ledger } from './ledger.ts'
import { reserve } from './reserve.ts'
import { resize } from './resize.ts'
import { removeSeating, setSeating } from './seating.ts'
import { isUnsettled, settle } from './settle.ts'
import type { Verdict } from './verdict.ts'

export { LATER, type Verdict } from './verdict.ts'

export interface Decision {
  /** One for each command, in the commands' order. */
  readonly verdicts: readonly Verdict[]
  /** What happened, in order. Events, bookings and entries that are new have ids below zero. */
  readonly facts: readonly Fact[]
  /** Events of which some work is left to the next batch. */
  readonly unsettled: readonly AskedEvent[]
}

/**
 * The whole policy: decides the commands in their order, each against the state that the earlier
 * ones leave. Pure but for the state, which it takes over: no I/O, no clock.
 *
 * Before the commands of an event are decided it is settled, as far as it was loaded: expired holds
 * end, and the waitlist is served. Whatever frees seats serves the waitlist at once. So nobody waits
 * who could be served but where work is left to the next batch; then a command that would be
 * refused for room is decided later, as one that is decided wrongly can't be taken back.
 *
 * What an event that is cancelled has ends piece by piece, behind the commands of each batch.
 */
export function decide({ events, now }: State, commands: readonly Command[]): Decision {
  const ledger = new Ledger(now)
  for (const event of events.values()) settle(ledger, event)
  const verdicts = commands.map((command) => {
    ledger.causedBy(command.origin)
    return decideOne(ledger, events, command)
  })
  ledger.causedByNobody()
  for (const event of events.values()) endPiece(ledger, event)
  const unsettled = [...events.values()].filter((event) => isUnsettled(event) || isEnding(event))
  return {
    verdicts,
    facts: ledger.facts,
    unsettled: unsettled.map(({ id, tenantId }) => ({ id, tenantId })),
  }
}

function decideOne(
  ledger: Ledger,
  events: ReadonlyMap<number, EventState>,
  command: Command,
): Verdict {
  if (command.type === 'create_event') return createEvent(ledger, command)
  const event = events.get(command.eventId)
  const isThere = event?.tenantId === command.origin.tenantId && !event.isDeleted
  if (!isThere) return refuse(missing(command))
  switch (command.type) {
    case 'reserve':
      return reserve(ledger, event, command)
    case 'confirm':
      return confirm(ledger, event, command)
    case 'extend':
      return extend(ledger, event, command)
    case 'cancel':
      return cancel(ledger, event, command)
    case 'cancel_of_user':
      return cancelOfUser(ledger, event, command)
    case 'resize':
      return resize(ledger, event, command)
    case 'leave_waitlist':
      return leaveWaitlist(ledger, event, command)
    case 'change_event':
      return changeEvent(ledger, event, command)
    case 'delete_event':
      return deleteEvent(ledger, event, command)
    case 'set_seating':
      return setSeating(ledger, event, command)
    case 'remove_seating':
      return removeSeating(ledger, event, command)
    case 'block_seats':
      return blockSeats(ledger, event, command)
    case 'unblock_seats':
      return unblockSeats(ledger, event, command)
    case 'settle':
      return DONE
  }
}

/** What is not there where the event of a command is gone, or another tenant's. */
function missing(command: Command): Refusal {
  if ('bookingId' in command || command.type === 'cancel_of_user') return 'booking_not_found'
  return 'entryId' in command ? 'waitlist_entry_not_found' : 'event_not_found'
}
