import type { Command } from '../domain/commands.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { byArrival } from './by-arrival.ts'
import { waitingKinds } from './load-kinds.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { arrayOf, type Sql } from './rows.ts'

/** Kinds of entries up to which a line is read in any case; past it the line is a varied one. */
export const FEW_KINDS = 10

/** Varied lines that one batch reads under its locks: of each up to 1,000 kinds, and their first entries. */
export const MAX_VARIED_LOADED = 4

/**
 * The events whose lines are too much to be read in this batch beside those of others: all varied ones but
 * the first, in the order in which commands come for them.
 */
export async function variedBeyond(
  tx: Sql,
  events: readonly LockedEvent[],
  commands: readonly Command[],
): Promise<ReadonlySet<number>> {
  const ids = events
    .filter(({ pools, waiting }) => pools !== null && waiting > 0)
    .map(({ id }) => id)
  if (ids.length <= MAX_VARIED_LOADED) return new Set()
  const rows = await tx.$queryRaw<{ id: number }[]>`
    SELECT e.id FROM unnest(${arrayOf(ids)}::text::int[]) AS e(id)
    WHERE (SELECT count(*) FROM (
      ${waitingKinds(Prisma.sql`e.id`, FEW_KINDS + 1)}) AS k) > ${FEW_KINDS}::int`
  const varied = new Set(rows.map(({ id }) => id))
  const inOrder = byArrival(events, commands).flatMap(({ id }) => (varied.has(id) ? id : []))
  return new Set(inOrder.slice(MAX_VARIED_LOADED))
}
