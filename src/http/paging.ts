import { Type } from '@sinclair/typebox'
import { ServiceError } from './errors.ts'
import { isInstant } from './instant.ts'

/** Query parameters of every list. */
export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 100, description: 'Entries on a page; 50 unless told' }),
)
export const Cursor = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 4096,
    description: 'The `next_cursor` of the page before; only for a list that is asked the same way',
  }),
)
export const NextCursor = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  description: 'Give it as `cursor` to get the next page; null where this is the last one',
})

const DEFAULT_LIMIT = 50

/** Where a page begins: after the row with these sort keys. */
export type Position = readonly (string | number)[]

export interface Page<Row> {
  readonly rows: Row[]
  readonly nextCursor: string | null
}

/** How many rows to show, and to read: one more, which tells whether there is a next page. */
export function limits(limit: number = DEFAULT_LIMIT): { limit: number; toRead: number } {
  return { limit, toRead: limit + 1 }
}

/** The page that `limit + 1` rows make; the cursor names the last row shown. */
export function pageOf<Row>(
  rows: Row[],
  limit: number,
  list: string,
  positionOf: (row: Row) => Position,
): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { rows: shown, nextCursor: hasMore ? encodeCursor(list, positionOf(last)) : null }
}

/**
 * An opaque cursor.
 *
 * @param list - names the list and its order, so that no cursor is taken for that of another one
 */
export function encodeCursor(list: string, position: Position): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url')
}

/** What a sort key is: a row's id, any text, or a moment as PostgreSQL writes it in UTC. */
export type SortKey = 'id' | 'text' | 'moment'

/**
 * The position that a cursor of this list stands for, checked to be of the given kinds; undefined
 * where there is no cursor.
 *
 * @throws ServiceError `invalid_cursor`
 */
export function decodeCursor<const Kinds extends readonly SortKey[]>(
  cursor: string | undefined,
  list: string,
  kinds: Kinds,
): { [I in keyof Kinds]: Kinds[I] extends 'id' ? number : string } | undefined
export function decodeCursor(
  cursor: string | undefined,
  list: string,
  kinds: readonly SortKey[],
): Position | undefined {
  if (cursor === undefined) return undefined
  const [name, ...position] = parseArray(cursor)
  const fits =
    name === list && position.length === kinds.length && kinds.every((k, i) => is(k, position[i]))
  if (!fits) throw new ServiceError('invalid_cursor')
  return position.filter((value) => typeof value === 'string' || typeof value === 'number')
}

function parseArray(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function is(kind: SortKey, value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string' && !value.includes('\0')
  if (kind === 'moment') return typeof value === 'string' && isMoment(value)
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 2_147_483_647
}

// An event without a start has an infinite one among its sort keys.
function isMoment(text: string): boolean {
  if (/^-?infinity$/.test(text)) return true
  const isUtc = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(\+00|\+00:00|Z)$/.test(text)
  return isUtc && isInstant(text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z'))
}
