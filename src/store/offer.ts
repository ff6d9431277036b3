import type { Line, Pool, TicketType } from '../domain/model.ts'
import { isoOf, momentOf } from '../domain/moment.ts'
import type { BestAvailable } from '../domain/seating/occupancy.ts'

/** What an event sells, and what bookings have of it, as rows and facts have them. */

export interface TicketTypeRow {
  key: string
  name: string
  pools: string[]
  max_per_booking: number | null
  sales_start_at: string | null
  sales_end_at: string | null
}

/** A pool as it is set. */
export interface PoolRow {
  key: string
  capacity: number
}

/** A pool with what bookings have taken of it, expired holds included. */
export interface TakenPoolRow extends PoolRow {
  taken: number
  /** Numbered seats that are not for sale. */
  blocked: number
}

export interface LineRow {
  ticket_type: string
  seats: number
  /** Left out where there are none. */
  pools?: string[]
  labels?: string[]
  best_available?: BestAvailable
}

/** A ticket type as it is stored. */
export function rowOfType(type: TicketType): TicketTypeRow {
  return {
    key: type.key,
    name: type.name,
    pools: [...type.pools],
    max_per_booking: type.maxPerBooking,
    sales_start_at: isoOf(type.salesStartAt),
    sales_end_at: isoOf(type.salesEndAt),
  }
}

/** The ticket type that a stored one is. */
export function typeOf(row: TicketTypeRow): TicketType {
  return {
    key: row.key,
    name: row.name,
    pools: row.pools,
    maxPerBooking: row.max_per_booking,
    salesStartAt: row.sales_start_at === null ? null : momentOf(row.sales_start_at),
    salesEndAt: row.sales_end_at === null ? null : momentOf(row.sales_end_at),
  }
}

/** A pool as it is set, without what is taken of it. */
export function rowOfPool({ key, capacity }: Pool): PoolRow {
  return { key, capacity }
}

/** Lines as they are stored; null where there are none. */
export function rowsOfLines(lines: readonly Line[] | null): LineRow[] | null {
  if (lines === null) return null
  return lines.map(({ ticketType, seats, pools, labels, bestAvailable }) => ({
    ticket_type: ticketType,
    seats,
    ...(pools.length > 0 && { pools: [...pools] }),
    ...(labels !== undefined && { labels: [...labels] }),
    ...(bestAvailable !== undefined && { best_available: bestAvailable }),
  }))
}

/** The lines that stored ones are. */
export function linesOf(rows: readonly LineRow[] | null | undefined): Line[] | null {
  if (rows === null || rows === undefined) return null
  return rows.map((row) => ({
    ticketType: row.ticket_type,
    seats: row.seats,
    pools: row.pools ?? [],
    ...(row.labels !== undefined && { labels: row.labels }),
    ...(row.best_available !== undefined && { bestAvailable: row.best_available }),
  }))
}
