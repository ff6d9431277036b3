import { Prisma } from '../../generated/prisma/client.ts'

export type SortDirection = 'asc' | 'desc'

/** How a list goes through an index: its order, what lies behind a row, and how its end is bounded. */
export const DIRECTIONS = {
  asc: [Prisma.sql`ASC`, Prisma.sql`>`, Prisma.sql`<=`],
  desc: [Prisma.sql`DESC`, Prisma.sql`<`, Prisma.sql`>=`],
} as const satisfies Record<SortDirection, readonly Prisma.Sql[]>

/** What a list's first row lies behind: ids are above 0, and no BIGINT is above the last of them. */
export const BEFORE_ALL = { asc: 0n, desc: 2n ** 63n - 1n } as const satisfies Record<
  SortDirection,
  bigint
>

/** Likewise where a list is by moments first. */
export const BEFORE_ALL_MOMENTS = { asc: '-infinity', desc: 'infinity' } as const satisfies Record<
  SortDirection,
  string
>
