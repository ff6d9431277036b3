import type { EventFact, Fact, NewFact } from '../domain/facts.ts'
import { isBookingFact, isEntryFact, type FactType } from '../domain/facts.ts'
import type { Metadata } from '../domain/metadata.ts'
import type { BookingStatus, EventSettings } from '../domain/model.ts'
import { isoOf, momentOf } from '../domain/moment.ts'
import { DEFAULT_SETTINGS } from '../domain/policy.ts'
import { linesOf, rowsOfLines, type LineRow } from './offer.ts'
import { realId } from './project/new-ids.ts'
import { settingsColumns, settingsOfColumns, type SettingsColumns } from './settings-rows.ts'

/** A fact as it stands in `event_history.changes`. */
export interface FactRow {
  type: FactType
  user_id?: string
  booking_id?: number
  waitlist_entry_id?: number
  seats_before: number
  seats_after: number
  status?: BookingStatus
  lines?: LineRow[]
  expires_at?: string
  metadata?: Metadata
  settings?: SettingsColumns
  seating?: string
  labels?: readonly string[]
  /** With labels, where they take from one. */
  pool?: string
  actor?: string
  request_id?: string
}

/**
 * A fact to be stored. The id of a new booking, which is yet to be drawn, is left out of it. Written
 * member by member: it is made for each booking, and spreading costs as much as all else here.
 *
 * @param entryIds - the ids of new waitlist entries: that of -1, that of -2, and so on
 */
export function rowOfFact(fact: Fact, entryIds: readonly number[] = []): FactRow {
  const { type, seatsBefore, seatsAfter, actor, requestId } = fact
  const row: FactRow = { type, seats_before: seatsBefore, seats_after: seatsAfter }
  if (isBookingFact(fact)) {
    const { userId, bookingId, waitlistEntryId, status, expiresAt } = fact
    row.user_id = userId
    if (bookingId > 0) row.booking_id = bookingId
    if (waitlistEntryId !== null) row.waitlist_entry_id = realId(waitlistEntryId, entryIds)
    if (status !== null) row.status = status
    if (expiresAt !== null) row.expires_at = isoOf(expiresAt)
    if (fact.metadata !== undefined) row.metadata = fact.metadata
  } else if (isEntryFact(fact)) {
    row.user_id = fact.userId
    row.waitlist_entry_id = realId(fact.waitlistEntryId, entryIds)
    if (fact.metadata !== undefined) row.metadata = fact.metadata
  } else addOfEvent(row, fact)
  const lines = 'lines' in fact ? rowsOfLines(fact.lines) : null
  if (lines !== null) row.lines = lines
  if (actor !== null) row.actor = actor
  if (requestId !== null) row.request_id = requestId
  return row
}

function addOfEvent(row: FactRow, fact: EventFact): void {
  if ('settings' in fact && fact.settings !== null) row.settings = settingsColumns(fact.settings)
  if ('digest' in fact && fact.digest !== null) row.seating = fact.digest
  if ('labels' in fact) {
    row.labels = fact.labels
    if (fact.pool !== null) row.pool = fact.pool
  }
}

/** The fact that a stored one is. */
export function factOf(
  row: FactRow,
  { eventId, tenantId, sequence, at }: Pick<Fact, 'eventId' | 'tenantId' | 'sequence' | 'at'>,
): Fact {
  return {
    ...contentOf(row),
    eventId,
    tenantId,
    sequence,
    at: momentOf(at),
    actor: row.actor ?? null,
    requestId: row.request_id ?? null,
  }
}

function contentOf(row: FactRow): NewFact {
  const seats = { seatsBefore: row.seats_before, seatsAfter: row.seats_after }
  const userId = row.user_id ?? ''
  const carried = row.metadata === undefined ? {} : { metadata: row.metadata }
  const lines = linesOf(row.lines)
  const { type } = row
  switch (type) {
    case 'event_created':
      return { type, ...seats, settings: createdWith(row) }
    case 'settings_changed':
      return { type, ...seats, settings: settingsOfColumns(row.settings ?? {}) }
    case 'capacity_changed':
    case 'event_deleted':
      return { type, ...seats }
    case 'seating_changed':
      return { type, ...seats, digest: row.seating ?? null, seating: null }
    case 'seats_blocked':
    case 'seats_unblocked':
      return { type, ...seats, labels: row.labels ?? [], pool: row.pool ?? null }
    case 'waitlisted':
    case 'left_waitlist':
      return {
        type,
        ...seats,
        userId,
        waitlistEntryId: row.waitlist_entry_id ?? 0,
        lines,
        ...carried,
      }
    default:
      return {
        type,
        ...seats,
        userId,
        bookingId: row.booking_id ?? 0,
        status: row.status ?? null,
        lines,
        expiresAt: row.expires_at === undefined ? null : momentOf(row.expires_at),
        waitlistEntryId: row.waitlist_entry_id ?? null,
        ...carried,
      }
  }
}

function createdWith({ settings, seats_after: totalSeats }: FactRow): EventSettings | null {
  if (settings?.name === undefined) return null
  const { name } = settings
  return { ...DEFAULT_SETTINGS, ...settingsOfColumns(settings), name, totalSeats }
}
