import { applyToBookings } from './evolve/bookings.ts'
import { applyToEvent, createdBy } from './evolve/event.ts'
import { applyToWaitlist } from './evolve/waitlist.ts'
import { isBookingFact, isEntryFact, type Fact } from './facts.ts'
import type { EventState } from './state.ts'

/**
 * Applies a fact to its event: the one way in which state changes, within a batch and in a replay.
 *
 * It changes the given state and returns it. A batch owns its state, and a copy for each fact would
 * make the work of a batch grow with its square.
 *
 * @param event - undefined before the event's first fact
 * @throws RangeError where the fact does not fit the state: history and state have parted
 */
export function evolve(event: EventState | undefined, fact: Fact): EventState {
  if (fact.sequence !== (event?.lastSequence ?? 0) + 1) {
    throw new RangeError(`fact ${fact.sequence} does not follow ${event?.lastSequence ?? 0}`)
  }
  const state = fact.type === 'event_created' ? createdBy(fact) : event
  if (state === undefined) throw new RangeError('a history begins with event_created')
  if (isBookingFact(fact)) applyToBookings(state, fact)
  else if (isEntryFact(fact)) applyToWaitlist(state, fact)
  else applyToEvent(state, fact)
  state.lastSequence = fact.sequence
  return state
}
