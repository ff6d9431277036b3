import type { Sql } from './rows.ts'

/** Events that one statement takes out of the indexes of what is upcoming, at the most. */
const MAX_STARTED = 500

/**
 * Takes events that have started out of the indexes of what is upcoming: a bounded number at once,
 * those first that started first. A list that is read before passes over them. No event's own row is
 * locked, and listings that somebody else has locked are left for the next time.
 *
 * @returns `isDone` where nothing is left for now
 */
export async function passStarted(sql: Sql): Promise<{ isDone: boolean }> {
  const passed = await sql.$executeRaw`
    UPDATE event_listings SET is_upcoming = false WHERE event_id = ANY(ARRAY(
      SELECT event_id FROM event_listings
      WHERE is_upcoming AND starts_at <= now() - INTERVAL '1 minute'
      ORDER BY starts_at, event_id LIMIT ${MAX_STARTED}::int FOR NO KEY UPDATE SKIP LOCKED))`
  return { isDone: passed < MAX_STARTED }
}
