import type { Fact, NewFact } from '../domain/facts.ts'
import { isBookingFact, isEntryFact, type FactType } from '../domain/facts.ts'
import type { BookingStatus, EventSettings } from '../domain/model.ts'
import { momentOf } from '../domain/moment.ts'
import { DEFAULT_SETTINGS } from '../domain/policy.ts'
import { realId } from './project/new-ids.ts'
import { settingsColumns, settingsOfColumns, type SettingsColumns } from './rows.ts'

/** A fact as it stands in `event_history.changes`. */
export interface FactRow {
  type: FactType
  user_id?: string
  booking_id?: number
  waitlist_entry_id?: number
  seats_before: number
  seats_after: number
  status?: BookingStatus
  expires_at?: string
  settings?: SettingsColumns
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
    if (expiresAt !== null) row.expires_at = expiresAt.toISOString()
  } else if (isEntryFact(fact)) {
    row.user_id = fact.userId
    row.waitlist_entry_id = realId(fact.waitlistEntryId, entryIds)
  } else if ('settings' in fact && fact.settings !== null) {
    row.settings = settingsColumns(fact.settings)
  }
  if (actor !== null) row.actor = actor
  if (requestId !== null) row.request_id = requestId
  return row
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
  const { type } = row
  switch (type) {
    case 'event_created':
      return { type, ...seats, settings: createdWith(row) }
    case 'settings_changed':
      return { type, ...seats, settings: settingsOfColumns(row.settings ?? {}) }
    case 'capacity_changed':
    case 'event_deleted':
      return { type, ...seats }
    case 'waitlisted':
    case 'left_waitlist':
      return { type, ...seats, userId, waitlistEntryId: row.waitlist_entry_id ?? 0 }
    default:
      return {
        type,
        ...seats,
        userId,
        bookingId: row.booking_id ?? 0,
        status: row.status ?? null,
        expiresAt: row.expires_at === undefined ? null : momentOf(row.expires_at),
        waitlistEntryId: row.waitlist_entry_id ?? null,
      }
  }
}

function createdWith({ settings, seats_after: totalSeats }: FactRow): EventSettings | null {
  if (settings?.name === undefined) return null
  const { name } = settings
  return { ...DEFAULT_SETTINGS, ...settingsOfColumns(settings), name, totalSeats }
}
