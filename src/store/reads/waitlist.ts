import type { WaitlistEntry } from '../../domain/commands.ts'
import { entryOf, type EntryRow, type Sql } from '../rows.ts'

export interface WaitlistQuery {
  readonly eventId: number
  /** The id of the entry before the page. */
  readonly afterId: number
  readonly limit: number
}

export interface PlaceInLine {
  readonly entry: WaitlistEntry
  /** From 1. */
  readonly position: number
}

/** Reads a page of an event's waitlist, first in line first, as it is at this instant. */
export async function listWaitlist(
  sql: Sql,
  { eventId, afterId, limit }: WaitlistQuery,
): Promise<PlaceInLine[]> {
  const rows = await sql.$queryRaw<(EntryRow & { position: number })[]>`
    SELECT id, event_id, user_id, seats, created_at,
      (row_number() OVER (ORDER BY id) + (
        SELECT count(*) FROM waitlist_entries
        WHERE event_id = ${eventId}::int AND id <= ${afterId}::int))::int AS position
    FROM (
      SELECT * FROM waitlist_entries WHERE event_id = ${eventId}::int AND id > ${afterId}::int
      ORDER BY id LIMIT ${limit}::int) AS page
    ORDER BY id`
  return rows.map((row) => ({ entry: entryOf(row), position: row.position }))
}

/** The event whose lock decides on a place in line; null where the place is gone. */
export async function findEventOfEntry(sql: Sql, id: number): Promise<number | null> {
  const [row] = await sql.$queryRaw<{ event_id: number }[]>`
    SELECT event_id FROM waitlist_entries WHERE id = ${id}::int`
  return row?.event_id ?? null
}
