import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import type { EventSettings, EventView } from '../../domain/model.ts'
import { arrayOf, settingsOf, type EventRow, type Sql } from '../rows.ts'
import type { Position } from './position.ts'

export type EventSort = 'id' | 'name' | 'starts_at'
export type SortDirection = 'asc' | 'desc'

export interface EventQuery {
  readonly name?: string | undefined
  readonly upcoming?: boolean | undefined
  readonly sort: EventSort
  readonly order: SortDirection
  /** The sort keys of the row before the page: the id, after the name or the start. */
  readonly after: Position | undefined
  readonly limit: number
}

export interface ListedEvent {
  readonly event: EventView
  /** The sort keys of this row, as exact as PostgreSQL has them. */
  readonly position: Position
}

interface ViewRow extends EventRow {
  metadata: EventSettings['metadata']
  /** Seats of holds that have expired and still stand in the table. */
  expired: number
  sort_key: string | null
}

/** Reads events by their ids, as they are at this instant, by the database's clock. */
export async function readEvents(
  sql: Sql,
  ids: readonly number[],
): Promise<Map<number, EventView>> {
  const rows = await sql.$queryRaw<ViewRow[]>`
    ${VIEW} FROM (
      SELECT *, NULL AS sort_key FROM events
      WHERE id = ANY(${arrayOf(ids)}::text::int[]) AND deleted_at IS NULL) AS e ${EXPIRED}`
  return new Map(rows.map((row) => [row.id, viewOf(row)]))
}

/** Whether no index serves a list: it may take as long as there are events. */
export function isSearch({ name, upcoming, sort }: EventQuery): boolean {
  return name !== undefined || upcoming === true || sort !== 'id'
}

/** Reads a page of events, as they are at this instant; those without a start sort last. */
export async function listEvents(sql: Sql, query: EventQuery): Promise<ListedEvent[]> {
  const key = SORT_KEYS[query.sort][query.order]
  const direction = query.order === 'asc' ? Prisma.sql`ASC` : Prisma.sql`DESC`
  const by = query.sort === 'id' ? Prisma.sql`` : Prisma.sql`${key} ${direction},`
  const rows = await sql.$queryRaw<ViewRow[]>`
    ${VIEW} FROM (
      SELECT *, (${key})::text AS sort_key, row_number() OVER (ORDER BY ${by} id ${direction}) AS place
      FROM events WHERE ${conditions(query, key)}
      ORDER BY ${by} id ${direction} LIMIT ${query.limit}::int) AS e ${EXPIRED}
    ORDER BY e.place`
  return rows.map((row) => ({
    event: viewOf(row),
    position: query.sort === 'id' ? [row.id] : [row.sort_key ?? '', row.id],
  }))
}

/** Whether there is an event: asked where a list of what belongs to one is empty. */
export async function eventExists(
  { event }: Pick<PrismaClient, 'event'>,
  id: number,
): Promise<boolean> {
  const found = await event.findUnique({ where: { id, deletedAt: null }, select: { id: true } })
  return found !== null
}

function conditions({ name, upcoming, sort, order, after }: EventQuery, key: Prisma.Sql) {
  const all = [Prisma.sql`deleted_at IS NULL`]
  if (name !== undefined) all.push(Prisma.sql`strpos(lower(name), lower(${name}::text)) > 0`)
  if (upcoming === true) all.push(Prisma.sql`starts_at > now()`)
  if (after !== undefined) {
    const [first, id] = after
    const isAfter = order === 'asc' ? Prisma.sql`>` : Prisma.sql`<`
    const type = sort === 'starts_at' ? Prisma.sql`timestamptz` : Prisma.sql`text`
    all.push(
      sort === 'id'
        ? Prisma.sql`id ${isAfter} ${first}::bigint`
        : Prisma.sql`(${key}, id) ${isAfter} (${first}::text::${type}, ${id}::bigint)`,
    )
  }
  return Prisma.join(all, ' AND ')
}

const ID = Prisma.sql`id`
const NAME = Prisma.sql`name::text`
const SORT_KEYS: Record<EventSort, Record<SortDirection, Prisma.Sql>> = {
  id: { asc: ID, desc: ID },
  name: { asc: NAME, desc: NAME },
  starts_at: {
    asc: Prisma.sql`COALESCE(starts_at, 'infinity')`,
    desc: Prisma.sql`COALESCE(starts_at, '-infinity')`,
  },
}

const VIEW = Prisma.sql`
  SELECT e.id, e.name, e.total_seats, e.taken, e.held, e.waiting, e.starts_at, e.sales_start_at,
    e.sales_end_at, e.max_seats_per_booking, e.hold_seconds, e.waitlist_promotes_to, e.metadata,
    e.sort_key, x.expired`

// In one statement, so of one instant. A hold that has expired takes no seat, swept or not
// (isExpired of domain/policy.ts).
const EXPIRED = Prisma.sql`
  CROSS JOIN LATERAL (
    SELECT COALESCE(sum(seats), 0)::int AS expired
    FROM bookings b
    WHERE b.event_id = e.id AND b.status = 'held' AND b.expires_at <= now()) AS x`

function viewOf(row: ViewRow): EventView {
  return {
    ...settingsOf(row, row.metadata),
    id: row.id,
    bookedSeats: row.taken - row.held,
    heldSeats: row.held - row.expired,
    waitlistLength: row.waiting,
  }
}
