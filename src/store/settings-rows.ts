import type { BookingStatus, EventSettings, EventStatus } from '../domain/model.ts'
import { momentOf } from '../domain/moment.ts'
import { rowOfPool, rowOfType, typeOf, type PoolRow, type TicketTypeRow } from './offer.ts'

/** The columns of `events` that settings are in; times as JSON has them. */
export interface SettingsRow {
  name: string
  total_seats: number
  starts_at: string | null
  sales_start_at: string | null
  sales_end_at: string | null
  max_seats_per_booking: number
  hold_seconds: number
  waitlist_promotes_to: BookingStatus
  status: EventStatus
  time_zone: string | null
  cancel_until: string | null
  waitlist_closes_at: string | null
  /** Null where the event has none. */
  pools: PoolRow[] | null
  /** Null where there is the default type alone. */
  ticket_types: TicketTypeRow[] | null
}

/** Some settings, by the names of their columns; pools, which have rows of their own, by that of theirs. */
export type SettingsColumns = Partial<SettingsRow> & { metadata?: EventSettings['metadata'] }

/** The settings of a row, in the terms of the rules; times are moments in UTC. */
export function settingsOf(row: SettingsRow, metadata: EventSettings['metadata']): EventSettings {
  return {
    name: row.name,
    totalSeats: row.total_seats,
    startsAt: instantOf(row.starts_at),
    salesStartAt: instantOf(row.sales_start_at),
    salesEndAt: instantOf(row.sales_end_at),
    maxSeatsPerBooking: row.max_seats_per_booking,
    holdSeconds: row.hold_seconds,
    waitlistPromotesTo: row.waitlist_promotes_to,
    status: row.status,
    timeZone: row.time_zone,
    cancelUntil: instantOf(row.cancel_until),
    waitlistClosesAt: instantOf(row.waitlist_closes_at),
    pools: poolsOf(row.pools),
    ticketTypes: (row.ticket_types ?? []).map(typeOf),
    metadata,
  }
}

/** Those settings whose columns are given. */
export function settingsOfColumns(row: SettingsColumns): Partial<EventSettings> {
  return {
    ...(row.name !== undefined && { name: row.name }),
    ...(row.total_seats !== undefined && { totalSeats: row.total_seats }),
    ...(row.starts_at !== undefined && { startsAt: instantOf(row.starts_at) }),
    ...(row.sales_start_at !== undefined && { salesStartAt: instantOf(row.sales_start_at) }),
    ...(row.sales_end_at !== undefined && { salesEndAt: instantOf(row.sales_end_at) }),
    ...(row.max_seats_per_booking !== undefined && {
      maxSeatsPerBooking: row.max_seats_per_booking,
    }),
    ...(row.hold_seconds !== undefined && { holdSeconds: row.hold_seconds }),
    ...(row.waitlist_promotes_to !== undefined && { waitlistPromotesTo: row.waitlist_promotes_to }),
    ...(row.status !== undefined && { status: row.status }),
    ...(row.time_zone !== undefined && { timeZone: row.time_zone }),
    ...(row.cancel_until !== undefined && { cancelUntil: instantOf(row.cancel_until) }),
    ...(row.waitlist_closes_at !== undefined && {
      waitlistClosesAt: instantOf(row.waitlist_closes_at),
    }),
    ...(row.pools !== undefined && { pools: poolsOf(row.pools) }),
    ...(row.ticket_types !== undefined && { ticketTypes: (row.ticket_types ?? []).map(typeOf) }),
    ...(row.metadata !== undefined && { metadata: row.metadata }),
  }
}

function poolsOf(rows: readonly PoolRow[] | null): PoolRow[] {
  return (rows ?? []).map(rowOfPool)
}

function instantOf(text: string | null): Date | null {
  return text === null ? null : momentOf(text)
}

/** The column that each setting is in. */
const COLUMN_OF = {
  name: 'name',
  totalSeats: 'total_seats',
  startsAt: 'starts_at',
  salesStartAt: 'sales_start_at',
  salesEndAt: 'sales_end_at',
  maxSeatsPerBooking: 'max_seats_per_booking',
  holdSeconds: 'hold_seconds',
  waitlistPromotesTo: 'waitlist_promotes_to',
  status: 'status',
  timeZone: 'time_zone',
  cancelUntil: 'cancel_until',
  waitlistClosesAt: 'waitlist_closes_at',
  pools: 'pools',
  ticketTypes: 'ticket_types',
  metadata: 'metadata',
} as const satisfies Record<keyof EventSettings, string>

/** Settings, or some of them, by the names of their columns. */
export function settingsColumns(settings: Partial<EventSettings>): SettingsColumns {
  const columns: Record<string, string> = COLUMN_OF
  const { ticketTypes } = settings
  return {
    ...Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [columns[name] ?? name, value]),
    ),
    ...(ticketTypes !== undefined && { ticket_types: ticketTypes.map(rowOfType) }),
  }
}
