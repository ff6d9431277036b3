import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { component, refTo, type Component } from './answer-schema.ts'
import { HttpError } from './errors.ts'
import { oneOf } from './schemas.ts'
import { isInstant } from './validation/instant.ts'
import type { Position } from '../store/reads/position.ts'
import { isStorableText } from '../store/storable-text.ts'

/** Query parameters of every list. */
export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 100, description: 'Entries on a page; default: 50' }),
)
export const Cursor = Type.Optional(
  Type.String({
    maxLength: 4096,
    description:
      '`next_cursor` of the previous page; use it with the same parameters as that page. Empty: the ' +
      'first page',
  }),
)
/** Query parameter of lists that can be had in both orders. */
export const Order = Type.Optional(
  oneOf(['asc', 'desc'], { description: 'Sort order; default: asc' }),
)
const NextCursor = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  description:
    'Pass it as `cursor` to get the next page; null on the last page. A page before that may have ' +
    'fewer entries than `limit`, or none: one ends where it has come to some 1 MiB',
})

interface PageParts<Rows extends string, T extends TSchema> {
  /** What it is a page of. */
  readonly description: string
  /** The member that has the rows. */
  readonly rows: Rows
  readonly schema: Component<T>
  /** What the rows are, and in which order. */
  readonly order: string
}

/** The schema of a page of a list, under its name. */
export function PageOf<const Rows extends string, T extends TSchema>(
  name: string,
  { description, rows, schema, order }: PageParts<Rows, T>,
) {
  const members = {
    [rows]: Type.Array(refTo(schema), { description: order }),
    next_cursor: NextCursor,
  }
  type Page = Readonly<Record<Rows, readonly Static<T>[]>> & { readonly next_cursor: string | null }
  return component(name, Type.Unsafe<Page>(Type.Object(members)), description)
}

const DEFAULT_LIMIT = 50

/** How many entries a page has, at the most. */
export function limitOf(query: { readonly limit?: number }): number {
  return query.limit ?? DEFAULT_LIMIT
}

/**
 * An opaque cursor for where the next page begins; null where there is none.
 *
 * @param list - names the list and its order, so that a cursor of another list is refused
 */
export function encodeCursor(list: string, position: Position | null): string | null {
  if (position === null) return null
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url')
}

/** The kinds of sort keys: a row's id, any text, or a moment as PostgreSQL writes it in UTC. */
export type SortKey = 'id' | 'text' | 'moment'

/**
 * The position that a cursor of this list stands for, checked against the given kinds; undefined if
 * there is no cursor, or an empty one, which many clients send for the first page.
 *
 * @throws HttpError `invalid_cursor`
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
  if (cursor === undefined || cursor === '') return undefined
  const [name, ...position] = parseArray(cursor)
  const fits =
    name === list && position.length === kinds.length && kinds.every((k, i) => is(k, position[i]))
  if (!fits) throw new HttpError('invalid_cursor')
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
  if (kind === 'text') return typeof value === 'string' && isStorableText(value)
  if (kind === 'moment') return typeof value === 'string' && isMoment(value)
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= Number.MAX_SAFE_INTEGER
}

// An event without a start sorts as infinity.
function isMoment(text: string): boolean {
  if (/^-?infinity$/.test(text)) return true
  const isUtc = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(\+00|\+00:00|Z)$/.test(text)
  return isUtc && isInstant(text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z'))
}
