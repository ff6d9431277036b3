import type { Prisma } from '../generated/prisma/client.ts'
import { withMetadata, type Metadata } from '../domain/metadata.ts'
import type { Booking, BookingStatus, WaitlistEntry } from '../domain/model.ts'
import { momentOf } from '../domain/moment.ts'
import { linesOf, type LineRow } from './offer.ts'
import type { SettingsRow } from './settings-rows.ts'

/** What SQL runs on: a transaction, or the client where one statement is all. */
export type Sql = Pick<Prisma.TransactionClient, '$queryRaw' | '$executeRaw'>

/**
 * Numbers as PostgreSQL writes an array, to be cast in the statement. On the way through Prisma
 * and the driver one text is much cheaper than as many values, and so is one JSON for many rows.
 */
export function arrayOf(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((number) => number ?? 'NULL').join(',')}}`
}

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
  lines: LineRow[] | null
  /** Not read where nothing turns on them: they may be large. */
  metadata?: Metadata | null
}

export interface EntryRow {
  id: Id
  event_id: number
  user_id: string
  seats: number
  created_at: Date
  lines: LineRow[] | null
  /** Not read where nothing turns on them: they may be large. */
  metadata?: Metadata | null
}

/** The booking of a row, in the terms of the rules. */
export function bookingOf(row: BookingRow): Booking {
  const booking = {
    id: Number(row.id),
    eventId: row.event_id,
    userId: row.user_id,
    seats: row.seats,
    status: row.status,
    expiresAt: row.expires_at === null ? null : momentOf(row.expires_at),
    createdAt: row.created_at,
    lines: linesOf(row.lines),
  }
  return withMetadata<Booking>(booking, row.metadata)
}

/** The waitlist entry of a row, in the terms of the rules. */
export function entryOf(row: EntryRow): WaitlistEntry {
  const entry = {
    id: Number(row.id),
    eventId: row.event_id,
    userId: row.user_id,
    seats: row.seats,
    createdAt: momentOf(row.created_at),
    lines: linesOf(row.lines),
  }
  return withMetadata<WaitlistEntry>(entry, row.metadata)
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
