import { linesJson } from '../bookings/lines.ts'
import { NO_METADATA } from '../../domain/metadata.ts'
import { isoOf } from '../../domain/moment.ts'
import type { Waiting } from '../../domain/outcomes.ts'
import type { CsvColumns } from '../../http/csv.ts'
import type { Paged } from '../../http/csv-stream.ts'

/** A waitlist entry as JSON; the position 1 is served next. */
export function entryJson({ entry, position }: Pick<Waiting, 'entry' | 'position'>) {
  return {
    id: entry.id,
    event_id: entry.eventId,
    user_id: entry.userId,
    seats: entry.seats,
    lines: linesJson(entry),
    position,
    created_at: isoOf(entry.createdAt),
    metadata: entry.metadata ?? NO_METADATA,
  }
}

/** A page of a waitlist as JSON. */
export interface WaitlistPage extends Paged {
  readonly waitlist: readonly ReturnType<typeof entryJson>[]
}

/** The same members as CSV has them. */
export const ENTRY_CSV = {
  id: 'value',
  event_id: 'value',
  user_id: 'text',
  seats: 'value',
  lines: 'value',
  position: 'value',
  created_at: 'value',
  metadata: 'value',
} as const satisfies CsvColumns<ReturnType<typeof entryJson>>
