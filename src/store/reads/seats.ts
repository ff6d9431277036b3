import type { SeatingDocument } from '../../domain/seating/document.ts'
import type { SeatStatus } from '../../domain/seating/seat-map.ts'
import type { Seating } from '../../domain/seating/seating.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Asked } from '../asked.ts'
import { seatingOf } from '../seatings.ts'
import type { ReadSql } from './page.ts'

/** Seats that a page looks at, at the most, where few of them have the status that is asked for. */
const MAX_SEATS_LOOKED_AT = 5000

/** Seats whose statuses are read at once. */
const SEATS_AT_ONCE = 1000

/** A numbered seat as it is at one instant. */
export interface SeatView {
  readonly label: string
  readonly section: string
  /** The key of the section's pool. */
  readonly pool: string | null
  readonly status: SeatStatus
}

export interface SeatQuery extends Asked {
  readonly status?: SeatStatus | undefined
  /** The key of a section. */
  readonly section?: string | undefined
  /** The label of the seat before the page. */
  readonly after: string | undefined
  readonly limit: number
}

/** Why there are no seats to read. */
export type NoSeats = 'event_not_found' | 'seating_not_found' | 'unknown_section' | 'invalid_cursor'

/** The document of an event's seating, with its digest. */
export interface StoredSeating {
  readonly digest: string
  readonly document: SeatingDocument
}

/** Reads the seating of a tenant's event as it was given. */
export async function readSeating(sql: ReadSql, event: Asked): Promise<StoredSeating | NoSeats> {
  const [row] = await sql.$queryRaw<{ digest: string | null; document: SeatingDocument | null }[]>`
    SELECT s.digest, s.document FROM events e LEFT JOIN event_seatings s ON s.event_id = e.id
    WHERE e.id = ${event.id}::int AND e.tenant_id = ${event.tenantId}::text
      AND e.deleted_at IS NULL`
  if (row === undefined) return 'event_not_found'
  const { digest, document } = row
  return digest === null || document === null ? 'seating_not_found' : { digest, document }
}

async function findSeating(sql: ReadSql, event: Asked): Promise<Seating | NoSeats> {
  // It may be replaced before it is read.
  const found = (await seekSeating(sql, event)) ?? (await seekSeating(sql, event))
  return found ?? 'seating_not_found'
}

/** Null where the one that the event has had is gone. */
async function seekSeating(
  sql: ReadSql,
  { id, tenantId }: Asked,
): Promise<Seating | NoSeats | null> {
  const [row] = await sql.$queryRaw<{ seating: string | null }[]>`
    SELECT seating FROM events
    WHERE id = ${id}::int AND tenant_id = ${tenantId}::text AND deleted_at IS NULL`
  if (row === undefined) return 'event_not_found'
  const { seating: digest } = row
  return digest === null ? 'seating_not_found' : seatingOf(sql, id, digest)
}

/** Reads a page of an event's seats, in the order of the seating. It can be short. */
export async function listSeats(
  sql: ReadSql,
  query: SeatQuery,
): Promise<{ rows: readonly SeatView[]; next: string | null } | NoSeats> {
  const seating = await findSeating(sql, query)
  if (typeof seating === 'string') return seating
  const range = rangeOf(seating, query)
  if (typeof range === 'string') return range
  const rows: SeatView[] = []
  const last = Math.min(range.end, range.start + MAX_SEATS_LOOKED_AT)
  for (let from = range.start; from < last; from += SEATS_AT_ONCE) {
    const to = Math.min(last, from + SEATS_AT_ONCE)
    const labels = Array.from({ length: to - from }, (_, i) => seating.labelOf(from + i))
    const statuses = await statusesOf(sql, query.id, isAmong(labels))
    for (const [i, label] of labels.entries()) {
      const status = statuses.get(label) ?? 'free'
      if (query.status !== undefined && status !== query.status) continue
      if (rows.length === query.limit) return { rows, next: rows.at(-1)?.label ?? null }
      const { key, pool } = seating.sectionOf(from + i)
      rows.push({ label, section: key, pool, status })
    }
  }
  return { rows, next: last < range.end ? seating.labelOf(last - 1) : null }
}

function rangeOf(
  seating: Seating,
  { section: key, after }: SeatQuery,
): { start: number; end: number } | NoSeats {
  const section = seating.sections.find((each) => each.key === key)
  if (key !== undefined && section === undefined) return 'unknown_section'
  const rows = section?.rows ?? seating.rows
  const [first, last] = [rows.at(0), rows.at(-1)]
  const start = first?.firstSeat ?? 0
  const end = last === undefined ? start : last.firstSeat + last.names.count
  if (after === undefined) return { start, end }
  const seat = seating.seatAt(after)
  // The seat is gone since the page before.
  if (seat === undefined || seat < start || seat >= end) return 'invalid_cursor'
  return { start: seat + 1, end }
}

function isAmong(labels: readonly string[]): Prisma.Sql {
  return Prisma.sql`t.label = ANY (ARRAY(
    SELECT json_array_elements_text((SELECT ${JSON.stringify(labels)}::text::json))))`
}

/** The statuses of seats that are not free. A hold that has expired takes none, swept or not. */
async function statusesOf(
  sql: ReadSql,
  eventId: number,
  which: Prisma.Sql,
): Promise<Map<string, SeatStatus>> {
  const [row] = await sql.$queryRaw<[{ seats: string }]>`
    SELECT COALESCE(json_agg(json_build_array(label, status)), '[]')::text AS seats FROM (
      SELECT t.label, CASE WHEN t.booking_id IS NULL THEN 'blocked'
        WHEN b.status = 'confirmed' THEN 'booked' WHEN b.expires_at > now() THEN 'held' END AS status
      FROM taken_seats t LEFT JOIN LATERAL (
        SELECT status, expires_at FROM bookings WHERE id = t.booking_id LIMIT 1) AS b ON true
      WHERE t.event_id = ${eventId}::int AND ${which}) AS seat
    WHERE status IS NOT NULL`
  return new Map(JSON.parse(row.seats) as [string, SeatStatus][])
}
