import { Prisma } from '../generated/prisma/client.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import { arrayOf } from './rows.ts'

/**
 * The positions (from 1) of the commands whose user has a booking, be it an expired hold. OFFSET 0
 * keeps PostgreSQL from making a join of it: one index probe a command, however stale its
 * statistics are while an event sells out. CASE keeps it from probing for commands whose event is not
 * there for who asks, and makes a hash of the events that are.
 *
 * @param events - names the part of the statement with the `id` and `tenant_id` of events that were
 *   found for who asks
 */
export function positionsOfBooked(
  reserves: readonly ReserveCommand[],
  events: Prisma.Sql,
): Prisma.Sql {
  return positionsIn(Prisma.sql`bookings`, reserves, events)
}

/** Likewise of the commands whose user waits. */
export function positionsOfWaiting(
  reserves: readonly ReserveCommand[],
  events: Prisma.Sql,
): Prisma.Sql {
  return positionsIn(Prisma.sql`waitlist_entries`, reserves, events)
}

function positionsIn(
  table: Prisma.Sql,
  reserves: readonly ReserveCommand[],
  events: Prisma.Sql,
): Prisma.Sql {
  const eventIds = arrayOf(reserves.map(({ eventId }) => eventId))
  const userIds = JSON.stringify(reserves.map(({ userId }) => userId))
  const ofTenants = tenantsOf(reserves)
  return Prisma.sql`ARRAY(
    SELECT c.position::int
    FROM ROWS FROM (
        unnest((SELECT ${eventIds}::text::int[])), json_array_elements_text(${userIds}::json)
        ${ofTenants.more})
      WITH ORDINALITY AS c(event_id, user_id ${ofTenants.column}, position)
    WHERE CASE WHEN ${ofTenants.isAmong(events)} THEN EXISTS (
      SELECT FROM ${table} b WHERE b.event_id = c.event_id AND b.user_id = c.user_id OFFSET 0) END)`
}

/** How a statement tells whether a command's event was found for the command's tenant. */
function tenantsOf(reserves: readonly ReserveCommand[]) {
  const tenants = reserves.map(({ origin }) => origin.tenantId)
  const [one = '', ...others] = new Set(tenants)
  // Nearly always: then there is nothing to send of each command.
  if (others.length === 0) {
    return {
      more: Prisma.empty,
      column: Prisma.empty,
      isAmong: (events: Prisma.Sql) =>
        Prisma.sql`c.event_id IN (SELECT id FROM ${events} WHERE tenant_id = (SELECT ${one}::text))`,
    }
  }
  return {
    more: Prisma.sql`, json_array_elements_text(${JSON.stringify(tenants)}::json)`,
    column: Prisma.sql`, tenant_id`,
    isAmong: (events: Prisma.Sql) =>
      Prisma.sql`(c.event_id, c.tenant_id) IN (SELECT id, tenant_id FROM ${events})`,
  }
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
