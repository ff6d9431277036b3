import type { Fact } from '../../domain/facts.ts'
import { isoOf } from '../../domain/moment.ts'
import type { CsvColumns } from '../../http/csv.ts'
import type { Paged } from '../../http/csv-stream.ts'
import { linesJson } from '../bookings/lines.ts'
import { settingsJson } from '../events/view.ts'

/** A fact as JSON: all have the same members, which are null where a fact has none. */
export function factJson(fact: Fact) {
  const settings = 'settings' in fact ? fact.settings : null
  const expiresAt = 'expiresAt' in fact ? fact.expiresAt : null
  const lines = 'lines' in fact ? fact.lines : null
  return {
    sequence: fact.sequence,
    type: fact.type,
    user_id: 'userId' in fact ? fact.userId : null,
    booking_id: 'bookingId' in fact ? fact.bookingId : null,
    waitlist_entry_id: 'waitlistEntryId' in fact ? fact.waitlistEntryId : null,
    seats_before: fact.seatsBefore,
    seats_after: fact.seatsAfter,
    lines: lines === null ? null : linesJson({ seats: fact.seatsAfter, lines }),
    status: 'status' in fact ? fact.status : null,
    expires_at: isoOf(expiresAt),
    seating: 'digest' in fact ? fact.digest : null,
    labels: 'labels' in fact ? fact.labels : null,
    pool: 'pool' in fact ? fact.pool : null,
    settings: settings === null ? null : settingsJson(settings),
    metadata: 'metadata' in fact ? fact.metadata : null,
    at: isoOf(fact.at),
    actor: fact.actor,
    request_id: fact.requestId,
  }
}

/** A page of a history as JSON. */
export interface HistoryPage extends Paged {
  readonly history: readonly ReturnType<typeof factJson>[]
}

/** The same members as CSV has them. */
export const FACT_CSV = {
  sequence: 'value',
  type: 'value',
  user_id: 'text',
  booking_id: 'value',
  waitlist_entry_id: 'value',
  seats_before: 'value',
  seats_after: 'value',
  lines: 'value',
  status: 'value',
  expires_at: 'value',
  seating: 'value',
  labels: 'value',
  pool: 'value',
  settings: 'value',
  metadata: 'value',
  at: 'value',
  actor: 'text',
  request_id: 'text',
} as const satisfies CsvColumns<ReturnType<typeof factJson>>
