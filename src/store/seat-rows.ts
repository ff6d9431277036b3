import type { KnownSections } from '../domain/seating/occupancy.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Sql } from './rows.ts'
import { isStorableText } from './storable-text.ts'

/** Seats of which it is to be read who has them. */
export interface SeatsToRead {
  /** Those of these sections. */
  readonly sections: KnownSections
  readonly labels: readonly string[]
}

/** Those of the seats that somebody has, or that are blocked. */
export async function takenLabels(
  tx: Sql,
  eventId: number,
  { labels, sections }: SeatsToRead,
): Promise<string[]> {
  const ranges = sections === 'all' ? [Prisma.sql`true`] : [...sections].map(isOfSection)
  if (sections !== 'all' && labels.length > 0) ranges.push(isAmong(labels))
  if (ranges.length === 0) return []
  // One text: as rows, they would cost more on the way than all else.
  const [row] = await tx.$queryRaw<[{ labels: string }]>`
    SELECT COALESCE(json_agg(label), '[]')::text AS labels FROM taken_seats
    WHERE event_id = ${eventId}::int AND (${Prisma.join(ranges, ' OR ')})`
  return JSON.parse(row.labels) as string[]
}

/** No key of a section has a hyphen in it, and in the order of the index `.` follows on `-`. */
function isOfSection(key: string): Prisma.Sql {
  return Prisma.sql`(label >= ${`${key}-`}::text AND label < ${`${key}.`}::text)`
}

function isAmong(labels: readonly string[]): Prisma.Sql {
  return Prisma.sql`label = ANY (ARRAY(
    SELECT json_array_elements_text((SELECT ${JSON.stringify(labels)}::text::json))))`
}

/** Those of the labels that are blocked, with the pools that they are blocked of. */
export async function blockedLabels(
  tx: Sql,
  eventId: number,
  labels: ReadonlySet<string>,
): Promise<Map<string, string | null>> {
  const storable = [...labels].filter(isStorableText)
  if (storable.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ label: string; pool: string | null }[]>`
    SELECT label, pool FROM blocked_seats
    WHERE event_id = ${eventId}::int AND label = ANY (ARRAY(
      SELECT json_array_elements_text((SELECT ${JSON.stringify(storable)}::text::json))))`
  return new Map(rows.map(({ label, pool }) => [label, pool]))
}
