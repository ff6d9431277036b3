import type { EventView, Pool } from './model.ts'
import type { EventState } from './state.ts'

/** What an event has, what of it is free, and how that is shown. */

/** Seats that nobody has, where an expired hold counts until it has ended. */
export function freeSeatsOf({ settings, takenSeats, blockedSeats }: EventState): number {
  return settings.totalSeats - takenSeats - blockedSeats
}

/** Likewise of a pool; none where there is no such pool. */
export function freeSeatsOfPool(event: EventState, key: string): number {
  return capacityOf(event, key) - (event.poolsTaken.get(key) ?? 0) - blockedOf(event, key)
}

/** Seats of a pool, or of the event, where null; none where there is no such pool. */
export function capacityOf({ settings }: EventState, pool: string | null): number {
  if (pool === null) return settings.totalSeats
  return capacitiesOf(settings.pools).get(pool) ?? 0
}

/** Made once for each list: while a line is served they are asked for time and again. */
const CAPACITIES = new WeakMap<readonly Pool[], ReadonlyMap<string, number>>()

function capacitiesOf(pools: readonly Pool[]): ReadonlyMap<string, number> {
  const known = CAPACITIES.get(pools)
  if (known !== undefined) return known
  const capacities = new Map(pools.map(({ key, capacity }) => [key, capacity]))
  CAPACITIES.set(pools, capacities)
  return capacities
}

/** Likewise those that are not for sale. */
export function blockedOf(event: EventState, pool: string | null): number {
  return pool === null ? event.blockedSeats : (event.poolsBlocked.get(pool) ?? 0)
}

/** The event as it is shown. */
export function viewOf(event: EventState): EventView {
  return {
    ...event.settings,
    id: event.id,
    pools: event.settings.pools.map((pool) => ({
      ...pool,
      available:
        freeSeatsOfPool(event, pool.key) + (event.remainder.moreExpiredOfPools.get(pool.key) ?? 0),
    })),
    bookedSeats: event.takenSeats - event.heldSeats,
    heldSeats: event.heldSeats - event.remainder.moreExpiredSeats,
    blockedSeats: event.blockedSeats,
    waitlistLength: event.waitlistLength,
  }
}
