import { Prisma } from '../../generated/prisma/client.ts'
import type { EventView } from '../../domain/model.ts'
import { EXPIRED, VIEW, viewOf, type ViewRow } from './events.ts'
import { orderOf, type EventQuery } from './event-order.ts'
import {
  bytesOf,
  lookThrough,
  MAX_LOOKED_AT,
  pageOfLooked,
  pageOfWeighed,
  withinBytes,
  type LookedAt,
  type Page,
  type ReadSql,
  type Weighed,
} from './page.ts'
import type { Position } from './position.ts'

interface ListedRow extends ViewRow, Weighed {
  /** What the list is sorted by before the id, as exact as PostgreSQL has it. */
  position: string
}

/**
 * Listings that a page looks at, at the most, where it looks for a text in names that many have: those
 * who have it may all come late in the order, and a page without any is of little use.
 */
export const MAX_LOOKED_THROUGH = 5000

/** Most events of the sample, one in 64, that may have a text which few have in their names. */
const MAX_IN_SAMPLE = 16

/** What the pools of an event take, each. */
const BYTES_OF_POOL = Prisma.sql`150`
const BYTES = Prisma.sql`${bytesOf(Prisma.sql`metadata`, Prisma.sql`ticket_types`)}
  + pool_count * ${BYTES_OF_POOL}`

/** The events that a page shows, and one more, each as a row `e`. */
function eventsOf(page: Prisma.Sql, order: Prisma.Sql): Prisma.Sql {
  // One by one, by their ids: joined otherwise, the events might be gone through up to those of the page.
  // Whose an event is its own row says: a listing that was written without triggers may be wrong.
  const events = Prisma.sql`
    SELECT page.*, e.* FROM ${page} AS page CROSS JOIN LATERAL (
      SELECT * FROM events WHERE id = page.event_id AND tenant_id = page.sort_tenant LIMIT 1) AS e`
  return Prisma.sql`(${withinBytes(events, order, BYTES)}) AS e`
}

/**
 * Reads a page of a tenant's events, as they are at this instant; those without a start sort last. It can be
 * short, see MAX_LOOKED_AT, MAX_LOOKED_THROUGH and MAX_PAGE_BYTES.
 */
export async function listEvents(sql: ReadSql, query: EventQuery): Promise<Page<EventView>> {
  const { isFull, ...page } = await look(sql, query)
  const { tenantId, name, limit } = query
  const isWhole = page.next === null || isFull || page.rows.length === limit
  if (name === undefined || isWhole) return page
  return (await hasFew(sql, tenantId, name)) ? find(sql, query, name) : page
}

interface LookedPage extends Page<EventView> {
  /** Whether it has come to its bytes. */
  readonly isFull: boolean
}

/** Goes through the events in the order of the list. */
async function look(sql: ReadSql, query: EventQuery): Promise<LookedPage> {
  const { key, order, isIn } = orderOf(query)
  const maxLookedAt = query.name === undefined ? MAX_LOOKED_AT : MAX_LOOKED_THROUGH
  const range = Prisma.sql`
    SELECT event_id, tenant_id AS sort_tenant, ${key} AS sort_key,
      ${allOf(filtersOf(query))} AS is_shown
    FROM event_listings WHERE ${allOf([...narrowing(query), isIn])}`
  const page = Prisma.sql`(${lookThrough(range, order, maxLookedAt)} LIMIT ${query.limit + 1}::int)`
  const rows = await sql.$queryRaw<(ListedRow & LookedAt)[]>`
    ${VIEW}, sort_key::text AS position, is_shown, is_last, is_full
    FROM ${eventsOf(page, order)} ${EXPIRED} ORDER BY ${order}`
  const { rows: shown, next } = pageOfLooked(rows, query.limit, positionIn(query))
  return { rows: shown.map(viewOf), next, isFull: rows.at(-1)?.is_full === true }
}

/**
 * Whether few of the tenant's events have the text in their names, told by a sample of them; false for a text too
 * short for the index. GIN finds all at once: what many have would take as long as there are events.
 */
async function hasFew(sql: ReadSql, tenantId: string, name: string): Promise<boolean> {
  // A CTE is planned to be read whole, so by its index, and is read no further than to the bound.
  const [row] = await sql.$queryRaw<[{ has_few: boolean }]>`
    WITH sample AS MATERIALIZED (
      SELECT event_id FROM event_listings
      WHERE ${hasGramsOf(tenantId, name)} AND (hashint4(event_id) & 63) = 0)
    SELECT public.grams(${name}::text) IS NOT NULL AND count(*) <= ${MAX_IN_SAMPLE}::int AS has_few
    FROM (SELECT FROM sample LIMIT ${MAX_IN_SAMPLE + 1}::int) AS found`
  return row.has_few
}

/** Finds the events by their name, and puts them in the order of the list. */
async function find(sql: ReadSql, query: EventQuery, name: string): Promise<Page<EventView>> {
  const { key, order, isIn } = orderOf(query)
  const isShown = allOf([...narrowing(query), ...filtersOf(query), isIn])
  const hasText = hasGramsOf(query.tenantId, name)
  const rows = await sql.$queryRaw<ListedRow[]>`
    WITH found AS MATERIALIZED (SELECT * FROM event_listings WHERE ${hasText}),
      page AS MATERIALIZED (
        SELECT event_id, tenant_id AS sort_tenant, ${key} AS sort_key FROM found WHERE ${isShown}
        ORDER BY ${order} LIMIT ${query.limit + 1}::int)
    ${VIEW}, sort_key::text AS position, is_full
    FROM ${eventsOf(Prisma.sql`page`, order)} ${EXPIRED} ORDER BY ${order}`
  const page = pageOfWeighed(rows, query.limit, positionIn(query))
  return { rows: page.rows.map(viewOf), next: page.next }
}

/** What an index is for. */
function narrowing({ upcoming }: EventQuery): readonly Prisma.Sql[] {
  return upcoming === true ? [Prisma.sql`is_upcoming`] : []
}

function filtersOf({ name, upcoming }: EventQuery): readonly Prisma.Sql[] {
  return [
    ...(upcoming === true ? [Prisma.sql`starts_at > now()`] : []),
    ...(name === undefined ? [] : [Prisma.sql`strpos(lower(name), lower(${name}::text)) > 0`]),
  ]
}

/**
 * Whether all parts of three characters are in a name of the tenant's; never for a text that has none.
 * What others call their events is not looked at: the tenant is in each part.
 */
function hasGramsOf(tenantId: string, name: string): Prisma.Sql {
  return Prisma.sql`public.grams(tenant_id, name) @> public.grams(${tenantId}::text, ${name}::text)`
}

function allOf(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join(conditions, ' AND ')
}

function positionIn({ sort }: EventQuery): (row: ListedRow) => Position {
  return sort === 'id' ? ({ id }) => [id] : ({ position, id }) => [position, id]
}
