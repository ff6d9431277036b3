import { Prisma } from '../../generated/prisma/client.ts'
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

interface EventOrder {
  /** The expression of the index, which the list is sorted by before the id. */
  readonly key: Prisma.Sql
  /** By the key as the column `sort_key`. */
  readonly order: Prisma.Sql
  /** What comes after the page before; nothing for the first page. */
  readonly isAfter: readonly Prisma.Sql[]
}

/** The order of a list, in the terms of the index of `event_listings` that has it. */
export function orderOf(query: EventQuery): EventOrder {
  const { sort, order, after } = query
  const key = keyOf(query)
  const direction = order === 'asc' ? Prisma.sql`ASC` : Prisma.sql`DESC`
  const isBeyond = order === 'asc' ? Prisma.sql`>` : Prisma.sql`<`
  if (sort === 'id') {
    return {
      key,
      order: Prisma.sql`event_id ${direction}`,
      isAfter: after === undefined ? [] : [Prisma.sql`event_id ${isBeyond} ${after[0]}::bigint`],
    }
  }
  const type = sort === 'starts_at' ? Prisma.sql`timestamptz` : Prisma.sql`text`
  return {
    key,
    order: Prisma.sql`sort_key ${direction}, event_id ${direction}`,
    isAfter:
      after === undefined
        ? []
        : [
            Prisma.sql`(${key}, event_id) ${isBeyond} (${after[0]}::text::${type}, ${after[1]}::bigint)`,
          ],
  }
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
