import type { EventFact } from '../../domain/facts.ts'
import type { Pool } from '../../domain/model.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { arrayOf, type Sql } from '../rows.ts'
import type { CreatedEvent } from './events.ts'
import { realId } from './new-ids.ts'

/** The pools that each event of the facts is left with, where they say anything of its pools. */
function poolsByEvent(
  facts: readonly EventFact[],
  created: readonly CreatedEvent[],
): Map<number, readonly Pool[]> {
  const ids = created.map(({ id }) => id)
  const pools = new Map<number, readonly Pool[]>()
  for (const fact of facts) {
    const given = 'settings' in fact ? fact.settings?.pools : undefined
    if (given !== undefined) pools.set(realId(fact.eventId, ids), given)
  }
  return pools
}

/** Makes new pools, and enlarges others: before the bookings that need them. */
export async function raisePools(
  tx: Sql,
  facts: readonly EventFact[],
  created: readonly CreatedEvent[],
): Promise<void> {
  const given = rowsOf(poolsByEvent(facts, created))
  if (given.length === 0) return
  await tx.$executeRaw`
    INSERT INTO event_pools (event_id, key, place, capacity)
    SELECT event_id, key, place, capacity FROM ${recordset(given)}
    ON CONFLICT (event_id, key) DO UPDATE SET place = excluded.place,
      capacity = greatest(event_pools.capacity, excluded.capacity)
    WHERE event_pools.place <> excluded.place OR event_pools.capacity < excluded.capacity`
}

/** Makes pools smaller and removes others: behind the bookings that give their seats back. */
export async function lowerPools(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const changed = poolsByEvent(
    facts.filter(({ type }) => type === 'settings_changed'),
    [],
  )
  if (changed.size === 0) return
  const given = rowsOf(changed)
  await tx.$executeRaw`
    DELETE FROM event_pools AS p WHERE event_id = ANY(${arrayOf([...changed.keys()])}::text::int[])
      AND NOT EXISTS (
        SELECT FROM ${recordset(given)} WHERE g.event_id = p.event_id AND g.key = p.key)`
  await tx.$executeRaw`
    UPDATE event_pools AS p SET capacity = g.capacity FROM ${recordset(given)}
    WHERE p.event_id = g.event_id AND p.key = g.key AND p.capacity > g.capacity`
}

interface PoolRow extends Pool {
  readonly event_id: number
  readonly place: number
}

function rowsOf(pools: ReadonlyMap<number, readonly Pool[]>): PoolRow[] {
  return [...pools].flatMap(([event_id, given]) =>
    given.map(({ key, capacity }, place) => ({ event_id, key, capacity, place })),
  )
}

function recordset(rows: readonly PoolRow[]): Prisma.Sql {
  return Prisma.sql`json_to_recordset(${JSON.stringify(rows)}::json)
    AS g(event_id int, key text, place int, capacity int)`
}
