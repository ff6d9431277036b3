import { Prisma } from '../generated/prisma/client.ts'
import type { ReserveCommand } from '../domain/commands.ts'
import { arrayOf } from './rows.ts'

/**
 * The positions (from 1) of the commands whose user has a booking, be it an expired hold. OFFSET 0
 * keeps PostgreSQL from making a join of it: one index probe a command, however stale its
 * statistics are while an event sells out.
 */
export function positionsOfBooked(reserves: readonly ReserveCommand[]): Prisma.Sql {
  const eventIds = arrayOf(reserves.map(({ eventId }) => eventId))
  const userIds = JSON.stringify(reserves.map(({ userId }) => userId))
  return Prisma.sql`ARRAY(
    SELECT c.position::int
    FROM ROWS FROM (
        unnest((SELECT ${eventIds}::text::int[])), json_array_elements_text(${userIds}::json))
      WITH ORDINALITY AS c(event_id, user_id, position)
    WHERE EXISTS (
      SELECT FROM bookings b WHERE b.event_id = c.event_id AND b.user_id = c.user_id OFFSET 0))`
}

/** The users whom the positions stand for, by event. */
export function groupUsers(
  positions: readonly number[],
  reserves: readonly ReserveCommand[],
): Map<number, Set<string>> {
  const users = new Map<number, Set<string>>()
  for (const position of positions) {
    const command = reserves[position - 1]
    if (command === undefined) continue
    const ofEvent = users.get(command.eventId) ?? new Set()
    users.set(command.eventId, ofEvent.add(command.userId))
  }
  return users
}
