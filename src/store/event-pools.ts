import { Prisma } from '../generated/prisma/client.ts'

/**
 * The pools of an event as JSON, which are `TakenPoolRow[]`, or null.
 *
 * @param event - names its row
 */
export function poolRowsOf(event: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`CASE WHEN ${event}.pool_count > 0 THEN (
    SELECT json_agg(json_build_object(
        'key', p.key, 'capacity', p.capacity, 'taken', p.taken, 'blocked', p.blocked)
      ORDER BY p.place, p.key)
    FROM event_pools p WHERE p.event_id = ${event}.id) END`
}
