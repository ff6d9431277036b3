import type { WaitlistEntry } from '../../domain/model.ts'

/** A waitlist entry as JSON. @param position - 1 is served next */
export function entryJson(entry: WaitlistEntry, position: number) {
  return {
    id: entry.id,
    event_id: entry.eventId,
    user_id: entry.userId,
    seats: entry.seats,
    position,
    created_at: entry.createdAt.toISOString(),
  }
}
