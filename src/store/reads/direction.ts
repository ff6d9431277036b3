import { Prisma } from '../../generated/prisma/client.ts'

export type SortDirection = 'asc' | 'desc'

/** How a list goes through an index: its order, what lies behind a row, and how its end is bounded. */
export const DIRECTIONS = {
  asc: [Prisma.sql`ASC`, Prisma.sql`>`, Prisma.sql`<=`],
  desc: [Prisma.sql`DESC`, Prisma.sql`<`, Prisma.sql`>=`],
} as const satisfies Record<SortDirection, readonly Prisma.Sql[]>
