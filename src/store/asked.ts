import { Prisma } from '../generated/prisma/client.ts'
import { arrayOf } from './rows.ts'

/** A thing by its id, as a tenant asks for it: for others than its own it is not there. */
export interface Asked {
  readonly id: number
  readonly tenantId: string
}

/** Both in one text: what is asked for by several at once is asked for once. */
export function askedKey({ id, tenantId }: Asked): string {
  return `${id} ${tenantId}`
}

/** What the text stands for. */
export function askedOf(key: string): Asked {
  const space = key.indexOf(' ')
  return { id: Number(key.slice(0, space)), tenantId: key.slice(space + 1) }
}

/** Columns of a row that was asked for, or of what it belongs to. */
export interface AskedRow {
  id: number | bigint
  tenant_id: string
}

/** What the rows are, by their `askedKey`. */
export function byAskedKey<R extends AskedRow, V>(
  rows: readonly R[],
  valueOf: (row: R) => V,
): Map<string, V> {
  return new Map(
    rows.map((row) => [askedKey({ id: Number(row.id), tenantId: row.tenant_id }), valueOf(row)]),
  )
}

/** The ids, for a statement. */
export function idsAsked(asked: readonly Asked[]): string {
  return arrayOf([...new Set(asked.map(({ id }) => id))])
}

/**
 * A condition on a row: that its own tenant is among those who ask for it. Beside the one on the id,
 * which an index serves.
 *
 * @param id - the row's column
 * @param tenantId - likewise, of the row or of the event that it belongs to
 */
export function isAskedFor(
  asked: readonly Asked[],
  id: Prisma.Sql = Prisma.sql`id`,
  tenantId: Prisma.Sql = Prisma.sql`tenant_id`,
): Prisma.Sql {
  const [one, ...others] = new Set(asked.map((each) => each.tenantId))
  // Nearly always: then there is nothing to look up for each row.
  if (one !== undefined && others.length === 0)
    return Prisma.sql`${tenantId} = (SELECT ${one}::text)`
  const tenants: Partial<Record<string, string[]>> = {}
  for (const each of asked) (tenants[each.id] ??= []).push(each.tenantId)
  return Prisma.sql`(SELECT ${JSON.stringify(tenants)}::text::jsonb) -> ${id}::text ? ${tenantId}`
}
