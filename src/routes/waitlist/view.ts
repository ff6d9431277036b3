import type { Waiting } from '../../domain/outcomes.ts'

/** A waitlist entry as JSON; the position 1 is served next. */
export function entryJson({ entry, position }: Pick<Waiting, 'entry' | 'position'>) {
  return {
    id: entry.id,
    event_id: entry.eventId,
    user_id: entry.userId,
    seats: entry.seats,
    position,
    created_at: entry.createdAt.toISOString(),
  }
}
