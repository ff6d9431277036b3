import type { EntryFact } from '../facts.ts'
import { withMetadata } from '../metadata.ts'
import type { WaitlistEntry } from '../model.ts'
import { isLineWhole, type EventState } from '../state.ts'

/** Applies what has happened to a place in line. */
export function applyToWaitlist(state: EventState, fact: EntryFact): void {
  const { waitlistEntryId: id, eventId, userId, seatsAfter: seats, lines, at: createdAt } = fact
  if (fact.type === 'left_waitlist') {
    removeEntry(state, id, userId)
    return
  }
  const plain = { id, eventId, userId, seats, lines, createdAt }
  const entry = withMetadata<WaitlistEntry>(plain, fact.metadata)
  const { kinds } = state
  // Behind entries that are not loaded, a new one must not be taken for the next to be served.
  const isBehind = kinds === null ? !isLineWhole(state) : kinds.hasMoreBehind(entry)
  if (isBehind) state.entriesBehind.set(id, entry)
  else {
    state.line.set(id, entry)
    kinds?.add(entry)
  }
  state.waitingUsers.add(userId)
  state.waitlistLength += 1
}

/** @throws RangeError where there is no such place in line */
export function removeEntry(state: EventState, entryId: number, userId: string): void {
  const entry = state.line.get(entryId)
  if (entry !== undefined) {
    state.line.delete(entryId)
    state.kinds?.remove(entry)
  } else if (!state.entriesBehind.delete(entryId)) {
    throw new RangeError('the fact names a waitlist entry that is not there')
  }
  state.waitingUsers.delete(userId)
  state.waitlistLength -= 1
}
