import type { Fact } from '../../domain/facts.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { factOf, type FactRow } from '../fact-rows.ts'
import type { Sql } from '../rows.ts'

interface HistoryRow {
  sequence: number
  at: Date
  fact: FactRow
}

/**
 * Reads an event's history from after a sequence number on, in order.
 *
 * @param limit - facts to read, at the most
 */
export async function readHistory(
  sql: Sql,
  eventId: number,
  after: number,
  limit: number,
): Promise<Fact[]> {
  // There are no gaps, so that the rows which hold the next facts can be told beforehand.
  const rows = await sql.$queryRaw<HistoryRow[]>`
    SELECT (h.first_sequence + c.place - 1)::float8 AS sequence, h.at, c.fact
    FROM (
      SELECT * FROM event_history
      WHERE event_id = ${eventId}::int AND last_sequence > ${after}::bigint
        AND first_sequence <= ${after}::bigint + ${limit}::bigint
      ORDER BY last_sequence LIMIT ${limit}::int) AS h
    CROSS JOIN LATERAL json_array_elements(h.changes) WITH ORDINALITY AS c(fact, place)
    WHERE h.first_sequence + c.place - 1 > ${after}::bigint
    ORDER BY sequence LIMIT ${limit}::int`
  return rows.map(({ sequence, at, fact }) => factOf(fact, { eventId, sequence, at }))
}

/** Whether there is, or was, such an event, as far as the tables tell. */
export async function isKnownEvent(
  prisma: Pick<PrismaClient, 'event' | 'eventHistory'>,
  id: number,
): Promise<boolean> {
  const event = await prisma.event.findUnique({ where: { id }, select: { id: true } })
  if (event !== null) return true
  const past = await prisma.eventHistory.findFirst({
    where: { eventId: id },
    select: { eventId: true },
  })
  return past !== null
}
