import type { Prisma } from '../generated/prisma/client.ts'

/**
 * Rows of a deleted event that one transaction removes, at the most: those too that triggers remove with
 * them. Only a booking that has more numbered seats by itself goes whole.
 */
export const MAX_PURGED = 2000

/** A seat that is blocked has a row in `taken_seats` as well. */
const ROWS_PER_BLOCKED_SEAT = 2

/** How far a purge has come. Events are gone through by their ids. */
export interface PurgeProgress {
  readonly eventId: number
  /** The bookings of the event up to this user are gone; null where nothing is left of it to do. */
  readonly afterUserId: string | null
}

/**
 * Removes a piece of a deleted event: bookings, then waitlist entries, then what is blocked of its seats,
 * and the event's own row when nothing is left of it: with its pools and its seating, which are few rows.
 * What another session holds locked is left for the next time, so that it does not keep other events.
 *
 * @param progress - what the last piece returned, which spares a search through what it removed;
 *   null to begin with
 * @param onEvent - told which event it is, before anything of it is removed
 * @returns null where all deleted events have been gone through
 */
export async function purgePiece(
  tx: Prisma.TransactionClient,
  progress: PurgeProgress | null,
  onEvent: (eventId: number) => void = () => undefined,
): Promise<PurgeProgress | null> {
  const isDone = progress?.afterUserId === null
  const fromId = (progress?.eventId ?? 0) + (isDone ? 1 : 0)
  const [event] = await tx.$queryRaw<{ id: number }[]>`
    SELECT id FROM events WHERE deleted_at IS NOT NULL AND id >= ${fromId}::int
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`
  if (event === undefined) return null
  onEvent(event.id)
  const afterUserId = progress?.eventId === event.id ? (progress.afterUserId ?? '') : ''
  const lastUserId = await purgeBookings(tx, event.id, afterUserId)
  if (lastUserId !== null) return { eventId: event.id, afterUserId: lastUserId }
  const others = (await purgeEntries(tx, event.id)) || (await purgeBlocked(tx, event.id))
  if (others > 0) return { eventId: event.id, afterUserId }
  await tx.$executeRaw`
    DELETE FROM events WHERE id = ${event.id}::int
      AND NOT EXISTS (SELECT FROM bookings WHERE event_id = ${event.id}::int)
      AND NOT EXISTS (SELECT FROM waitlist_entries WHERE event_id = ${event.id}::int)
      AND NOT EXISTS (SELECT FROM blocked_seats WHERE event_id = ${event.id}::int)`
  return { eventId: event.id, afterUserId: null }
}

/** Gives the last user of the piece; null where there was nothing to remove. */
async function purgeBookings(
  tx: Prisma.TransactionClient,
  eventId: number,
  afterUserId: string,
): Promise<string | null> {
  const [piece] = await tx.$queryRaw<[{ last: string | null }]>`
    WITH locked AS MATERIALIZED (
        SELECT id, user_id, 1 + COALESCE(jsonb_array_length(
          jsonb_path_query_array(lines, '$[*].labels[*]')), 0) AS rows
        FROM bookings
        WHERE event_id = ${eventId}::int AND user_id >= ${afterUserId}::text
        ORDER BY user_id LIMIT ${MAX_PURGED}::int FOR UPDATE SKIP LOCKED),
      counted AS (
        SELECT id, user_id, rows, sum(rows) OVER (ORDER BY user_id) AS rows_so_far FROM locked),
      piece AS MATERIALIZED (
        SELECT id, user_id FROM counted
        WHERE rows_so_far <= ${MAX_PURGED}::int OR rows_so_far = rows),
      removed AS (
        DELETE FROM bookings WHERE id = ANY (ARRAY(SELECT id FROM piece)) RETURNING id)
    SELECT max(user_id) AS last FROM piece WHERE (SELECT count(*) FROM removed) >= 0`
  return piece.last
}

async function purgeEntries(tx: Prisma.TransactionClient, eventId: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM waitlist_entries WHERE id = ANY (ARRAY(
      SELECT id FROM waitlist_entries WHERE event_id = ${eventId}::int
      ORDER BY id LIMIT ${MAX_PURGED}::int FOR UPDATE SKIP LOCKED))`
}

async function purgeBlocked(tx: Prisma.TransactionClient, eventId: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM blocked_seats WHERE event_id = ${eventId}::int AND label = ANY (ARRAY(
      SELECT label FROM blocked_seats WHERE event_id = ${eventId}::int
      ORDER BY label LIMIT ${MAX_PURGED / ROWS_PER_BLOCKED_SEAT}::int FOR UPDATE SKIP LOCKED))`
}
