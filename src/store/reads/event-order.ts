import { Prisma } from '../../generated/prisma/client.ts'
import { DIRECTIONS, type SortDirection } from './direction.ts'
import type { Position } from './position.ts'

export type EventSort = 'id' | 'name' | 'starts_at'

export interface EventQuery {
  readonly tenantId: string
  readonly name?: string | undefined
  readonly upcoming?: boolean | undefined
  readonly sort: EventSort
  readonly order: SortDirection
  /** The sort keys of the row before the page: the id, after the name or the start. */
  readonly after: Position | undefined
  readonly limit: number
}

interface EventOrder {
  /** The expression of the index, which the list is sorted by before the id. */
  readonly key: Prisma.Sql
  /** By the columns `sort_tenant` and `sort_key`, which are the tenant and the key, and `event_id`. */
  readonly order: Prisma.Sql
  /**
   * The tenant's events; after those of the page before, if there is one. As a range, which no index
   * serves but that of the order: see booking-lists.ts.
   */
  readonly isIn: Prisma.Sql
}

/** The order of a list, in the terms of the index of `event_listings` that has it. */
export function orderOf(query: EventQuery): EventOrder {
  const { tenantId, sort, order, after } = query
  const key = keyOf(query)
  const [direction, isBeyond, isUpTo] = DIRECTIONS[order]
  const tenant = Prisma.sql`${tenantId}::text`
  const isWithin = Prisma.sql`tenant_id ${isUpTo} ${tenant}`
  if (sort === 'id') {
    return {
      key,
      order: Prisma.sql`sort_tenant ${direction}, event_id ${direction}`,
      isIn:
        after === undefined
          ? isOf(tenant)
          : Prisma.sql`${isWithin}
            AND (tenant_id, event_id) ${isBeyond} (${tenant}, ${after[0]}::bigint)`,
    }
  }
  const type = sort === 'starts_at' ? Prisma.sql`timestamptz` : Prisma.sql`text`
  return {
    key,
    order: Prisma.sql`sort_tenant ${direction}, sort_key ${direction}, event_id ${direction}`,
    isIn:
      after === undefined
        ? isOf(tenant)
        : Prisma.sql`${isWithin} AND (tenant_id, ${key}, event_id)
            ${isBeyond} (${tenant}, ${after[0]}::text::${type}, ${after[1]}::bigint)`,
  }
}

function isOf(tenant: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`tenant_id >= ${tenant} AND tenant_id <= ${tenant}`
}

function keyOf({ sort, order, upcoming }: EventQuery): Prisma.Sql {
  if (sort === 'id') return Prisma.sql`event_id`
  if (sort === 'name') return Prisma.sql`left(name, 255)`
  // What is upcoming has a start.
  if (upcoming === true) return Prisma.sql`starts_at`
  return order === 'asc'
    ? Prisma.sql`COALESCE(starts_at, 'infinity')`
    : Prisma.sql`COALESCE(starts_at, '-infinity')`
}
