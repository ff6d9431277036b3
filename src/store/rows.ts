import type { Prisma } from '../generated/prisma/client.ts'
import type { Booking, BookingStatus, EventSettings, WaitlistEntry } from '../domain/model.ts'
import { momentOf } from '../domain/moment.ts'

/** What SQL runs on: a transaction, or the client where one statement is all. */
export type Sql = Pick<Prisma.TransactionClient, '$queryRaw' | '$executeRaw'>

/**
 * Numbers as PostgreSQL writes an array, to be cast in the statement. On the way through Prisma
 * and the driver one text is much cheaper than as many values, and so is one JSON for many rows.
 */
export function arrayOf(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((number) => number ?? 'NULL').join(',')}}`
}

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
}

/** Some settings, by the names of their columns. */
export type SettingsColumns = Partial<SettingsRow> & { metadata?: EventSettings['metadata'] }

export interface EventRow extends SettingsRow {
  id: number
  taken: number
  held: number
  waiting: number
}

/** Ids are BIGINT: the driver reads them as `bigint`, but JSON has numbers. */
type Id = number | bigint

export interface BookingRow {
  id: Id
  event_id: number
  user_id: string
  seats: number
  status: BookingStatus
  expires_at: Date | null
  created_at: Date | null
}

export interface EntryRow {
  id: Id
  event_id: number
  user_id: string
  seats: number
  created_at: Date
}

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
    ...(row.metadata !== undefined && { metadata: row.metadata }),
  }
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
  metadata: 'metadata',
} as const satisfies Record<keyof EventSettings, string>

/** Settings, or some of them, by the names of their columns. */
export function settingsColumns(settings: Partial<EventSettings>): SettingsColumns {
  const columns: Record<string, string> = COLUMN_OF
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [columns[name] ?? name, value]),
  )
}

/** The booking of a row, in the terms of the rules. */
export function bookingOf(row: BookingRow): Booking {
  return {
    id: Number(row.id),
    eventId: row.event_id,
    userId: row.user_id,
    seats: row.seats,
    status: row.status,
    expiresAt: row.expires_at === null ? null : momentOf(row.expires_at),
    createdAt: row.created_at,
  }
}

/** The waitlist entry of a row, in the terms of the rules. */
export function entryOf(row: EntryRow): WaitlistEntry {
  return {
    id: Number(row.id),
    eventId: row.event_id,
    userId: row.user_id,
    seats: row.seats,
    createdAt: momentOf(row.created_at),
  }
}

/** Rows by their event, in the order in which they come. */
export function groupByEvent<R extends { event_id: number }>(rows: readonly R[]): Map<number, R[]> {
  const groups = new Map<number, R[]>()
  for (const row of rows) {
    const group = groups.get(row.event_id)
    if (group === undefined) groups.set(row.event_id, [row])
    else group.push(row)
  }
  return groups
}
