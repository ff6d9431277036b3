import { Prisma } from '../../generated/prisma/client.ts'
import type { Sql } from '../rows.ts'
import type { Position } from './position.ts'

/** What a page is read on. */
export type ReadSql = Pick<Sql, '$queryRaw'>

/** A page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page begins; null where nothing comes any more. */
  readonly next: Position | null
}

/**
 * Rows that a page looks at, at the most, in each of the ranges that it is read from: where so many in
 * a row are not to be shown, such as expired holds that nobody has swept yet, the page is short.
 */
export const MAX_LOOKED_AT = 500

/** What a row of `lookThrough` tells beside its columns. */
export interface LookedAt {
  /** False for one that is there only to tell how far the page has looked. */
  readonly is_shown: boolean
  /** Whether nothing behind it was looked at. */
  readonly is_last: boolean
}

/**
 * Goes through a range in order, and no further than its reader does: for as long as rows are shown, a
 * page reads as many as it shows.
 *
 * @param range - a SELECT with a column `is_shown`, whose rows an index gives in that order
 * @param order - by columns of the range
 * @param maxLookedAt - rows, at the most
 */
export function lookThrough(
  range: Prisma.Sql,
  order: Prisma.Sql,
  maxLookedAt: number = MAX_LOOKED_AT,
): Prisma.Sql {
  const bound = Prisma.raw(String(maxLookedAt))
  return Prisma.sql`
    SELECT *, place = ${bound} AS is_last FROM (
      SELECT *, row_number() OVER (ORDER BY ${order}) AS place
      FROM (${range} ORDER BY ${order} LIMIT ${bound}) AS range) AS looked_at
    WHERE is_shown OR place = ${bound} ORDER BY ${order}`
}

/**
 * The page that `limit + 1` rows of `lookThrough` make, or fewer where there are no more; also of
 * several ranges that were merged.
 */
export function pageOfLooked<Row extends LookedAt>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): Page<Row> {
  const shown: Row[] = []
  for (const row of rows) {
    if (row.is_shown) {
      const last = shown.at(-1)
      if (shown.length === limit && last !== undefined) {
        return { rows: shown, next: positionOf(last) }
      }
      shown.push(row)
    }
    // What other ranges have behind it is left for the next page, which comes here again.
    if (row.is_last) return { rows: shown, next: positionOf(row) }
  }
  return { rows: shown, next: null }
}

/** The page that `limit + 1` rows make, or fewer where there are no more. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown, next: rows.length > limit && last !== undefined ? positionOf(last) : null }
}
