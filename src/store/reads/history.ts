import type { Fact } from '../../domain/facts.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { factOf, type FactRow } from '../fact-rows.ts'
import {
  bytesOf,
  pageOfWeighed,
  withinBytes,
  type Page,
  type ReadSql,
  type Weighed,
} from './page.ts'

interface HistoryRow extends Weighed {
  sequence: number
  at: Date
  /** Null where it is another tenant's. */
  fact: FactRow | null
}

export interface HistoryQuery {
  readonly eventId: number
  readonly tenantId: string
  /** The sequence number before the page. */
  readonly after: number
  readonly limit: number
}

/**
 * Reads a page of an event's history, in order; null where the tenant knows no such event.
 *
 * Where ids have begun anew, another tenant may have had an event of that id. Its history is passed
 * over: such a page is short, or empty.
 */
export async function listHistory(sql: ReadSql, query: HistoryQuery): Promise<Page<Fact> | null> {
  const { eventId, tenantId, limit } = query
  const rows = await readRows(sql, query)
  if (rows.length === 0 && !(await isKnown(sql, query))) return null
  const page = pageOfWeighed(rows, limit, ({ sequence }) => [sequence])
  const facts = page.rows.flatMap(({ sequence, at, fact }) =>
    fact === null ? [] : factOf(fact, { eventId, tenantId, sequence, at }),
  )
  return { rows: facts, next: page.next }
}

async function readRows(sql: ReadSql, query: HistoryQuery): Promise<HistoryRow[]> {
  const { eventId, tenantId, after } = query
  const limit = query.limit + 1
  const order = Prisma.sql`last_sequence`
  // A row has one fact at least, and there are no gaps: so it is known how many rows can matter, and
  // which of them do.
  const changes = Prisma.sql`
    SELECT * FROM event_history
    WHERE event_id = ${eventId}::int AND last_sequence > ${after}::bigint AND ${isOf(query)}
    ORDER BY ${order} LIMIT ${limit}::int`
  const facts = Prisma.sql`
    SELECT (h.first_sequence + c.place - 1)::float8 AS sequence, h.at,
      CASE WHEN h.tenant_id = ${tenantId}::text THEN c.fact END AS fact,
      h.is_full AND h.first_sequence + c.place - 1 = h.last_sequence AS is_end
    FROM (${withinBytes(changes, order, bytesOf(Prisma.sql`changes`))}) AS h
    CROSS JOIN LATERAL json_array_elements(h.changes) WITH ORDINALITY AS c(fact, place)
    WHERE h.first_sequence <= ${after}::bigint + ${limit}::bigint
      AND h.first_sequence + c.place - 1 > ${after}::bigint
    ORDER BY sequence LIMIT ${limit}::int`
  return sql.$queryRaw<HistoryRow[]>`
    SELECT sequence, at, fact, is_full OR is_end AS is_full
    FROM (${withinBytes(facts, Prisma.sql`sequence`, bytesOf(Prisma.sql`fact`))}) AS page
    ORDER BY sequence`
}

/** Whether there is, or was, such an event of the tenant's, as far as the tables tell. */
async function isKnown(sql: ReadSql, query: HistoryQuery): Promise<boolean> {
  const [row] = await sql.$queryRaw<[{ is_known: boolean }]>`
    SELECT COALESCE(${isOf(query)}, false) AS is_known`
  return row.is_known
}

/**
 * Whether the event is the tenant's, or was, where it is gone: its last change tells whose. Null where
 * nobody has had it. It turns on no row of a statement, and so is asked once, before any is read.
 */
function isOf({ eventId, tenantId }: HistoryQuery): Prisma.Sql {
  return Prisma.sql`COALESCE(
    (SELECT tenant_id FROM events WHERE id = ${eventId}::int),
    (SELECT tenant_id FROM event_history WHERE event_id = ${eventId}::int
      ORDER BY last_sequence DESC LIMIT 1)) = ${tenantId}::text`
}
