import type { WaitlistEntry } from '../model.ts'
import type { EventState } from '../state.ts'
import { leaveLine } from './changes.ts'
import type { Ledger } from './ledger.ts'
import { serveWaitlist } from './serve.ts'

/** The place in line of a user whom a command names; undefined where the user does not wait. */
export function placeOf(event: EventState, userId: string): WaitlistEntry | undefined {
  if (!event.waitingUsers.has(userId)) return undefined
  for (const known of [event.line, event.entriesBehind]) {
    for (const entry of known.values()) if (entry.userId === userId) return entry
  }
  return undefined
}

/** Takes something for who gives a place in line up for it: nobody is booked and waits. */
export function takeInsteadOf<T>(
  ledger: Ledger,
  event: EventState,
  place: WaitlistEntry | undefined,
  take: () => T,
): T {
  if (place === undefined) return take()
  leaveLine(ledger, event, place)
  const taken = take()
  // Others may have stood behind it.
  serveWaitlist(ledger, event)
  return taken
}
