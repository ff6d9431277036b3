import type { Prisma } from '../generated/prisma/client.ts'
import type { Booking, BookingStatus, EventSettings, WaitlistEntry } from '../domain/commands.ts'

/** What the SQL of the pipeline runs on: a transaction, or the client where one statement is all. */
export type Sql = Pick<Prisma.TransactionClient, '$queryRaw' | '$executeRaw'>

/**
 * Numbers as PostgreSQL writes an array, to be cast in the statement. On the way through Prisma
 * and the driver one text is much cheaper than as many values, and so is one JSON for many rows.
 */
export function arrayOf(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((number) => number ?? 'NULL').join(',')}}`
}

export interface EventRow {
  id: number
  name: string
  total_seats: number
  taken: number
  starts_at: string | null
  sales_start_at: string | null
  sales_end_at: string | null
  max_seats_per_booking: number
  hold_seconds: number
  waitlist_promotes_to: BookingStatus
}

export interface BookingRow {
  id: number
  event_id: number
  user_id: string
  seats: number
  status: BookingStatus
  expires_at: Date | null
  created_at: Date
}

export interface EntryRow {
  id: number
  event_id: number
  user_id: string
  seats: number
  created_at: Date
}

/** The settings of a row, in the terms of the rules; times are moments in UTC. */
export function settingsOf(row: EventRow, metadata: EventSettings['metadata']): EventSettings {
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

function instantOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

/** The booking of a row, in the terms of the rules. */
export function bookingOf(row: BookingRow): Booking {
  return {
    id: row.id,
    eventId: row.event_id,
    userId: row.user_id,
    seats: row.seats,
    status: row.status,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}

/** The place in line of a row, in the terms of the rules. */
export function entryOf(row: EntryRow): WaitlistEntry {
  return {
    id: row.id,
    eventId: row.event_id,
    userId: row.user_id,
    seats: row.seats,
    createdAt: row.created_at,
  }
}
