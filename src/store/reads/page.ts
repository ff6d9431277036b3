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

/**
 * Bytes of what is large in the rows of a page, such as their metadata: with the row that comes to so many a
 * page ends, however few rows it has.
 */
export const MAX_PAGE_BYTES = 1024 * 1024

/** What a row of `withinBytes` tells beside its columns. */
export interface Weighed {
  /** With it a page has come to its bytes; what comes behind it is left out. */
  readonly is_full: boolean
}

/** Likewise, a row of `lookThrough`. */
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
 * Leaves out what comes behind the row with which a page is full of bytes, before it is read any further.
 *
 * @param rows - those of a page and one more, a SELECT
 * @param order - by columns of it
 * @param bytes - how many a row has, an expression on its columns
 */
export function withinBytes(rows: Prisma.Sql, order: Prisma.Sql, bytes: Prisma.Sql): Prisma.Sql {
  const most = Prisma.raw(String(MAX_PAGE_BYTES))
  return Prisma.sql`
    SELECT *, bytes_up_to >= ${most} AS is_full FROM (
      SELECT *, sum(bytes) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS bytes_up_to
      FROM (SELECT *, ${bytes} AS bytes FROM (${rows}) AS page) AS weighed) AS summed
    WHERE bytes_up_to - bytes < ${most}`
}

/** Bytes of columns, as text: for `withinBytes`. */
export function bytesOf(...columns: readonly Prisma.Sql[]): Prisma.Sql {
  const each = columns.map((column) => Prisma.sql`COALESCE(octet_length(${column}::text), 0)`)
  return Prisma.join(each, ' + ')
}

/**
 * The page that `limit + 1` rows of `lookThrough` make, or fewer where there are no more, or it is full of
 * bytes; also of several ranges that were merged.
 */
export function pageOfLooked<Row extends LookedAt & Weighed>(
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
    if (row.is_last || row.is_full) return { rows: shown, next: positionOf(row) }
  }
  return { rows: shown, next: null }
}

/** The page that `limit + 1` rows of `withinBytes` make, or fewer where there are no more, or it is full. */
export function pageOfWeighed<Row extends Weighed>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): Page<Row> {
  const last = rows.at(-1)
  // Whether there is more is not known.
  if (last?.is_full === true && rows.length <= limit) return { rows, next: positionOf(last) }
  return pageOf(rows, limit, positionOf)
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
