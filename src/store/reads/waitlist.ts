import type { WaitlistEntry } from '../../domain/model.ts'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import { byAskedKey, idsAsked, isAskedFor, type Asked, type AskedRow } from '../asked.ts'
import { entryOf, type EntryRow, type Sql } from '../rows.ts'
import { belongingOf, type Belonging } from './bookings.ts'
import { eventExists, isThere } from './events.ts'
import {
  bytesOf,
  pageOfWeighed,
  withinBytes,
  type Page,
  type ReadSql,
  type Weighed,
} from './page.ts'

export interface WaitlistQuery {
  readonly tenantId: string
  readonly eventId: number
  /** The id of the entry before the page. */
  readonly afterId: number
  /** Its position; 0 before the first page. */
  readonly before: number
  readonly limit: number
}

/** An entry and its place in line: 1 is served next. */
export interface PlacedEntry {
  readonly entry: WaitlistEntry
  readonly position: number
}

const BYTES = bytesOf(Prisma.sql`lines`, Prisma.sql`metadata`)

/**
 * Reads a page of an event's waitlist, in the order in which it is served; null where the tenant has no
 * such event. It can be short, see MAX_PAGE_BYTES.
 */
export async function listWaitlist(
  sql: ReadSql & Pick<PrismaClient, 'event'>,
  { eventId, tenantId, afterId, before, limit }: WaitlistQuery,
): Promise<Page<PlacedEntry> | null> {
  // A range, so that only the index that is made for it has the order: see booking-lists.ts.
  const entries = Prisma.sql`
    SELECT id, event_id, user_id, seats, created_at, lines, metadata FROM waitlist_entries
    WHERE event_id <= ${eventId}::int AND (event_id, id) > (${eventId}::int, ${afterId}::bigint)
      AND ${isThere({ id: eventId, tenantId })}
    ORDER BY event_id, id LIMIT ${limit + 1}::int`
  const order = Prisma.sql`event_id, id`
  const rows = await sql.$queryRaw<(EntryRow & Weighed)[]>`
    ${withinBytes(entries, order, BYTES)} ORDER BY ${order}`
  if (rows.length === 0 && !(await eventExists(sql, { id: eventId, tenantId }))) return null
  const places = rows.map((row, i) => ({ ...row, position: before + i + 1 }))
  const page = pageOfWeighed(places, limit, ({ id, position }) => [Number(id), position])
  return { rows: page.rows.map(placedOf), next: page.next }
}

/** An entry `w` is of the tenant whose event `e` it waits for. */
const OF_ENTRY = [Prisma.sql`w.id`, Prisma.sql`e.tenant_id`] as const

/** Ids in a block of the line, of both sizes that `waitlist_blocks` counts. */
const SMALL = Prisma.sql`512`
const LARGE = Prisma.sql`16384`

/**
 * Reads entries, by their `askedKey`, with their places in line; what is not there, or whose event has
 * gone, is missing. Whose they are comes before their places, which take more.
 *
 * A place is the entries in large blocks before the entry's own, those in small blocks from there on
 * to its own, and those in that one, which are counted. Of several entries of a line each goes on from
 * the one before where both are in the same block: what they have in front of them is read once.
 */
export async function readEntries(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, PlacedEntry>> {
  const rows = await sql.$queryRaw<(EntryRow & AskedRow & { position: number })[]>`
    WITH asked AS MATERIALIZED (
      SELECT w.id, e.tenant_id, w.event_id, w.user_id, w.seats, w.created_at, w.lines, w.metadata,
        lag(w.id, 1, 0::bigint) OVER (PARTITION BY w.event_id ORDER BY w.id) AS previous
      FROM waitlist_entries AS w JOIN events AS e ON e.id = w.event_id AND e.deleted_at IS NULL
      WHERE w.id = ANY(${idsAsked(asked)}::text::bigint[]) AND ${isAskedFor(asked, ...OF_ENTRY)})
    SELECT id, tenant_id, event_id, user_id, seats, created_at, lines, metadata, (
        sum(large.entries) OVER (PARTITION BY event_id ORDER BY id)
        + sum(small.entries) OVER (PARTITION BY event_id, id / ${LARGE} ORDER BY id)
        + sum(own.entries) OVER (PARTITION BY event_id, id / ${SMALL} ORDER BY id))::int AS position
    FROM asked
    CROSS JOIN LATERAL (
      SELECT COALESCE(sum(b.entries), 0) AS entries FROM waitlist_blocks AS b
      WHERE b.event_id = asked.event_id AND b.size = ${LARGE}
        AND b.block >= previous / ${LARGE} AND b.block < asked.id / ${LARGE}) AS large
    CROSS JOIN LATERAL (
      SELECT COALESCE(sum(b.entries), 0) AS entries FROM waitlist_blocks AS b
      WHERE b.event_id = asked.event_id AND b.size = ${SMALL}
        AND b.block >= greatest(previous, asked.id / ${LARGE} * ${LARGE}) / ${SMALL}
        AND b.block < asked.id / ${SMALL}) AS small
    CROSS JOIN LATERAL (
      SELECT count(*) AS entries FROM waitlist_entries AS w
      WHERE w.event_id = asked.event_id AND w.id <= asked.id
        AND w.id >= greatest(previous + 1, asked.id / ${SMALL} * ${SMALL})) AS own`
  return byAskedKey(rows, placedOf)
}

function placedOf(row: EntryRow & { position: number }): PlacedEntry {
  return { entry: entryOf(row), position: row.position }
}

/** A user's entry for an event, as a tenant asks for it: a user has one at the most. */
export type AskedEntry = Belonging & Pick<Asked, 'tenantId'>

/** The same in one text. */
export function entryKey({ eventId, tenantId, userId }: AskedEntry): string {
  return JSON.stringify([eventId, tenantId, userId])
}

/**
 * Finds the ids of users' entries.
 *
 * @param keys - made by `entryKey`
 */
export async function findEntries(sql: Sql, keys: readonly string[]): Promise<Map<string, number>> {
  // LIMIT keeps PostgreSQL from looking for the entry before it knows whose the event is.
  const rows = await sql.$queryRaw<(Pick<EntryRow, 'id'> & { key: string })[]>`
    SELECT w.id, asked.key::text AS key
    FROM json_array_elements(${`[${keys.join(',')}]`}::text::json) AS asked(key)
    CROSS JOIN LATERAL (
      SELECT id FROM events
      WHERE id = (asked.key->>0)::int AND tenant_id = asked.key->>1 LIMIT 1) AS e
    CROSS JOIN LATERAL (
      SELECT id FROM waitlist_entries
      WHERE event_id = e.id AND user_id = asked.key->>2 LIMIT 1) AS w`
  return new Map(rows.map(({ id, key }) => [key, Number(id)]))
}

/** The events whose locks decide on the entries, by the entries that are there. */
export async function findEventsOfEntries(
  sql: Sql,
  asked: readonly Asked[],
): Promise<Map<string, Belonging>> {
  const rows = await sql.$queryRaw<(Pick<EntryRow, 'event_id' | 'user_id'> & AskedRow)[]>`
    SELECT w.id, e.tenant_id, w.event_id, w.user_id
    FROM waitlist_entries AS w JOIN events AS e ON e.id = w.event_id
    WHERE w.id = ANY(${idsAsked(asked)}::text::bigint[]) AND ${isAskedFor(asked, ...OF_ENTRY)}`
  return byAskedKey(rows, belongingOf)
}
