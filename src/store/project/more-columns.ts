import type { Carrying } from '../../domain/metadata.ts'
import type { Line } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { rowsOfLines } from '../offer.ts'

/** What a statement that inserts rows has more where some of them have it, each after a comma. */
interface MoreColumns {
  readonly target: Prisma.Sql
  readonly value: Prisma.Sql
  readonly source: Prisma.Sql
  readonly name: Prisma.Sql
}

/** Of bookings or entries, each in its place, as JSON; null where none has any. */
export interface More {
  readonly metadata: string | null
  readonly lines: string | null
}

/** What few bookings and entries have. */
export function moreOf(rows: readonly (Carrying & { lines: readonly Line[] | null })[]): More {
  const hasMetadata = rows.some(({ metadata }) => metadata !== undefined)
  const hasLines = rows.some(({ lines }) => lines !== null)
  return {
    metadata: hasMetadata ? JSON.stringify(rows.map(({ metadata }) => metadata ?? null)) : null,
    lines: hasLines ? JSON.stringify(rows.map(({ lines }) => rowsOfLines(lines))) : null,
  }
}

/**
 * The columns of those, among others that come `FROM ROWS FROM`. Rows without any have null, and where
 * none has any the statement is the shorter one: most are.
 */
export function moreColumns({ metadata, lines }: More): MoreColumns {
  const columns = [
    ...columnOf(metadata, Prisma.sql`metadata`, Prisma.sql`json`),
    ...columnOf(lines, Prisma.sql`lines`, Prisma.sql`jsonb`),
  ]
  const all = (part: keyof MoreColumns) =>
    columns.length === 0
      ? Prisma.empty
      : Prisma.join(
          columns.map((column) => column[part]),
          '',
        )
  return { target: all('target'), value: all('value'), source: all('source'), name: all('name') }
}

function columnOf(json: string | null, name: Prisma.Sql, type: Prisma.Sql): MoreColumns[] {
  if (json === null) return []
  return [
    {
      target: Prisma.sql`, ${name}`,
      value: Prisma.sql`, CASE WHEN json_typeof(${name}) <> 'null' THEN ${name}::${type} END`,
      source: Prisma.sql`, json_array_elements(${json}::json)`,
      name: Prisma.sql`, ${name}`,
    },
  ]
}
