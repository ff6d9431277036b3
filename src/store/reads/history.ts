import type { HistoryChange } from '../../domain/state.ts'
import type { Sql } from '../rows.ts'

export interface HistoryEntry {
  readonly sequence: number
  readonly at: Date
  readonly change: HistoryChange
}

/**
 * Reads an event's history from after a sequence number on, in order.
 *
 * @param limit - entries to read, at the most
 */
export async function readHistory(
  sql: Sql,
  eventId: number,
  after: number,
  limit: number,
): Promise<HistoryEntry[]> {
  // There are no gaps, so that the rows which hold the next changes can be told beforehand.
  return sql.$queryRaw<HistoryEntry[]>`
    SELECT (h.first_sequence + c.place - 1)::int AS sequence, h.at, c.change
    FROM (
      SELECT * FROM event_history
      WHERE event_id = ${eventId}::int AND last_sequence > ${after}::int
        AND first_sequence <= ${after}::bigint + ${limit}::bigint
      ORDER BY last_sequence LIMIT ${limit}::int) AS h
    CROSS JOIN LATERAL jsonb_array_elements(h.changes) WITH ORDINALITY AS c(change, place)
    WHERE h.first_sequence + c.place - 1 > ${after}::int
    ORDER BY sequence LIMIT ${limit}::int`
}

/** Whether there is, or was, such an event, as far as the tables tell. */
export async function isKnownEvent(sql: Sql, id: number): Promise<boolean> {
  const [row] = await sql.$queryRaw<[{ is_known: boolean }]>`
    SELECT EXISTS (SELECT FROM events WHERE id = ${id}::int)
      OR EXISTS (SELECT FROM event_history WHERE event_id = ${id}::int) AS is_known`
  return row.is_known
}
