import type { Fact } from '../../domain/facts.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { factOf, type FactRow } from '../fact-rows.ts'
import { pageOf, type Page, type ReadSql } from './page.ts'

interface HistoryRow {
  sequence: number
  at: Date
  fact: FactRow
}

export interface HistoryQuery {
  readonly eventId: number
  /** The sequence number before the page. */
  readonly after: number
  readonly limit: number
}

/** Reads a page of an event's history, in order; null where no such event is known. */
export async function listHistory(
  sql: ReadSql & Pick<PrismaClient, 'event' | 'eventHistory'>,
  { eventId, after, limit }: HistoryQuery,
): Promise<Page<Fact> | null> {
  const facts = await readFacts(sql, eventId, after, limit + 1)
  if (facts.length === 0 && !(await isKnownEvent(sql, eventId))) return null
  return pageOf(facts, limit, ({ sequence }) => [sequence])
}

async function readFacts(
  sql: ReadSql,
  eventId: number,
  after: number,
  limit: number,
): Promise<Fact[]> {
  // A row has one fact at least, and there are no gaps: so it is known how many rows can matter, and
  // which of them do.
  const rows = await sql.$queryRaw<HistoryRow[]>`
    SELECT (h.first_sequence + c.place - 1)::float8 AS sequence, h.at, c.fact
    FROM (
      SELECT * FROM event_history
      WHERE event_id = ${eventId}::int AND last_sequence > ${after}::bigint
      ORDER BY last_sequence LIMIT ${limit}::int) AS h
    CROSS JOIN LATERAL json_array_elements(h.changes) WITH ORDINALITY AS c(fact, place)
    WHERE h.first_sequence <= ${after}::bigint + ${limit}::bigint
      AND h.first_sequence + c.place - 1 > ${after}::bigint
    ORDER BY sequence LIMIT ${limit}::int`
  return rows.map(({ sequence, at, fact }) => factOf(fact, { eventId, sequence, at }))
}

/** Whether there is, or was, such an event, as far as the tables tell. */
async function isKnownEvent(
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
