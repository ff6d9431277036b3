import type { WaitlistEntry } from '../../domain/model.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { entryOf, type EntryRow, type Sql } from '../rows.ts'

export interface WaitlistQuery {
  readonly eventId: number
  /** The id of the entry before the page. */
  readonly afterId: number
  readonly limit: number
}

/** Reads a page of an event's waitlist, in the order in which it is served. */
export async function listWaitlist(
  sql: Sql,
  { eventId, afterId, limit }: WaitlistQuery,
): Promise<WaitlistEntry[]> {
  const rows = await sql.$queryRaw<EntryRow[]>`
    SELECT id, event_id, user_id, seats, created_at FROM waitlist_entries
    WHERE event_id = ${eventId}::int AND id > ${afterId}::bigint
      AND EXISTS (SELECT FROM events WHERE id = ${eventId}::int AND deleted_at IS NULL)
    ORDER BY id LIMIT ${limit}::int`
  return rows.map(entryOf)
}

/** The event whose lock decides on a waitlist entry; null where the entry is gone. */
export async function findEventOfEntry(
  { waitlistEntry }: Pick<PrismaClient, 'waitlistEntry'>,
  id: number,
): Promise<number | null> {
  const found = await waitlistEntry.findUnique({ where: { id }, select: { eventId: true } })
  return found?.eventId ?? null
}
