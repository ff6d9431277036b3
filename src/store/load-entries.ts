import type { Command } from '../domain/commands.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { arrayOf, type EntryRow, type Sql } from './rows.ts'

/**
 * The first entries of lines.
 *
 * @param places - how many, by event
 */
export async function loadFronts(
  tx: Sql,
  places: ReadonlyMap<number, number>,
): Promise<EntryRow[]> {
  if (places.size === 0) return []
  return tx.$queryRaw<EntryRow[]>`
    SELECT w.id, w.event_id, w.user_id, w.seats, w.created_at, w.lines
    FROM ROWS FROM (
      unnest(${arrayOf([...places.keys()])}::text::int[]),
      unnest(${arrayOf([...places.values()])}::text::int[])
    ) AS e(id, places)
    CROSS JOIN LATERAL (
      SELECT * FROM waitlist_entries WHERE event_id = e.id ORDER BY id LIMIT e.places) AS w
    ORDER BY w.id`
}

/** The entries that commands name by their ids. */
export async function loadNamedEntries(tx: Sql, commands: readonly Command[]): Promise<EntryRow[]> {
  const named = commands.flatMap((command) => ('entryId' in command ? command.entryId : []))
  if (named.length === 0) return []
  return tx.$queryRaw<EntryRow[]>`
    SELECT id, event_id, user_id, seats, created_at, lines
    FROM waitlist_entries WHERE id = ANY(${arrayOf(named)}::text::bigint[]) ORDER BY id`
}

/** Whom an event may have in its line. */
export interface OfUser {
  readonly eventId: number
  readonly userId: string
}

/** The entries of users, each at an event. */
export async function loadEntriesOfUsers(tx: Sql, users: readonly OfUser[]): Promise<EntryRow[]> {
  if (users.length === 0) return []
  return tx.$queryRaw<EntryRow[]>`
    SELECT w.id, w.event_id, w.user_id, w.seats, w.created_at, w.lines
    FROM ROWS FROM (
      unnest(${arrayOf(users.map(({ eventId }) => eventId))}::text::int[]),
      json_array_elements_text(${JSON.stringify(users.map(({ userId }) => userId))}::json)
    ) AS u(event_id, user_id)
    JOIN waitlist_entries w ON w.event_id = u.event_id AND w.user_id = u.user_id`
}

/**
 * The entry with the most seats of each line whose event is to have fewer seats, or of which seats are to be
 * blocked.
 */
export async function loadLargest(
  tx: Sql,
  waiting: readonly LockedEvent[],
  commands: readonly Command[],
): Promise<EntryRow[]> {
  const resized = new Set(
    commands.flatMap((command) =>
      command.type === 'block_seats' ||
      (command.type === 'change_event' && command.changes.totalSeats !== undefined)
        ? command.eventId
        : [],
    ),
  )
  const ids = waiting.map(({ id }) => id).filter((id) => resized.has(id))
  if (ids.length === 0) return []
  return tx.$queryRaw<EntryRow[]>`
    SELECT w.id, w.event_id, w.user_id, w.seats, w.created_at, w.lines
    FROM unnest(${arrayOf(ids)}::text::int[]) AS e(id)
    CROSS JOIN LATERAL (
      SELECT * FROM waitlist_entries WHERE event_id = e.id
      ORDER BY event_id DESC, seats DESC LIMIT 1) AS w`
}
