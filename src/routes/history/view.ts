import type { Fact } from '../../domain/facts.ts'
import { settingsJson } from '../events/view.ts'

/** A fact as JSON: all have the same members, which are null where a fact has none. */
export function factJson(fact: Fact) {
  const settings = 'settings' in fact ? fact.settings : null
  const expiresAt = 'expiresAt' in fact ? fact.expiresAt : null
  return {
    sequence: fact.sequence,
    type: fact.type,
    user_id: 'userId' in fact ? fact.userId : null,
    booking_id: 'bookingId' in fact ? fact.bookingId : null,
    waitlist_entry_id: 'waitlistEntryId' in fact ? fact.waitlistEntryId : null,
    seats_before: fact.seatsBefore,
    seats_after: fact.seatsAfter,
    status: 'status' in fact ? fact.status : null,
    expires_at: expiresAt === null ? null : expiresAt.toISOString(),
    settings: settings === null ? null : settingsJson(settings),
    at: fact.at.toISOString(),
    actor: fact.actor,
    request_id: fact.requestId,
  }
}
