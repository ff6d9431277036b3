import type { EventSettings } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { isSalesWindow } from '../policy.ts'
import { blockedOf, capacityOf } from '../capacity.ts'
import type { EventState } from '../state.ts'
import { isUnsettled, mostWaitedFor } from './settle.ts'
import { LATER, type Verdict } from './verdict.ts'

type Offer = Pick<EventSettings, 'pools' | 'ticketTypes'>

/** Why pools and ticket types do not go together; undefined where they do. */
export function refusalOfOffer({ pools, ticketTypes }: Offer): Refused | undefined {
  const twice = duplicateIn('pools', pools) ?? duplicateIn('ticket_types', ticketTypes)
  if (twice !== undefined) return twice
  const keys = new Set(pools.map(({ key }) => key))
  for (const [i, { key, pools: ofType, ...window }] of ticketTypes.entries()) {
    if (!isSalesWindow(window)) return refuse('sales_window_invalid', undefined, { key })
    const place = ofType.findIndex((pool) => !keys.has(pool))
    const pool = ofType[place]
    if (pool === undefined) continue
    return refuse('unknown_pool', undefined, {
      key,
      pool,
      path: `ticket_types.${i}.pools.${place}`,
    })
  }
  return undefined
}

function duplicateIn(
  list: 'pools' | 'ticket_types',
  things: readonly { readonly key: string }[],
): Refused | undefined {
  const seen = new Set<string>()
  const place = things.findIndex(({ key }) => seen.size === seen.add(key).size)
  const key = things[place]?.key
  if (key === undefined) return undefined
  return refuse('duplicate_key', undefined, { key, path: `${list}.${place}.key` })
}

/** Why the event, and each of its pools, can't have so many seats; undefined where they can. */
export function obstacleToCapacities(
  event: EventState,
  changed: Pick<EventSettings, 'totalSeats' | 'pools'>,
): Verdict | undefined {
  const { settings } = event
  const ofEvent = { pool: null, before: settings.totalSeats, after: changed.totalSeats }
  const after = new Map(changed.pools.map(({ key, capacity }) => [key, capacity]))
  const ofPools = settings.pools.map(({ key, capacity }) => ({
    pool: key,
    before: capacity,
    // A pool that goes is one that has no seats any more.
    after: after.get(key) ?? 0,
  }))
  for (const change of [ofEvent, ...ofPools]) {
    const obstacle = obstacleToCapacity(event, change, takenOf(event, change.pool))
    if (obstacle !== undefined) return obstacle
  }
  return undefined
}

/** Seats of a pool, or of the event, that can't go: of bookings, and of those that are blocked. */
function takenOf(event: EventState, pool: string | null): number {
  const taken = pool === null ? event.takenSeats : (event.poolsTaken.get(pool) ?? 0)
  return taken + blockedOf(event, pool)
}

interface CapacityChange {
  /** Null for the event itself. */
  readonly pool: string | null
  readonly before: number
  readonly after: number
}

function obstacleToCapacity(
  event: EventState,
  { pool, before, after }: CapacityChange,
  taken: number,
): Verdict | undefined {
  const isLower = after < before
  // Or seats could be taken away which are kept for those who are served only in the next batch.
  if (isLower && isUnsettled(event)) return LATER
  if (after < taken) return refuse('capacity_below_taken', taken, { pool })
  // Nobody in line of a cancelled event is ever served.
  if (!isLower || event.settings.status === 'cancelled') return undefined
  // First in line, an entry that is larger could never be served, and nobody behind it.
  const largest = mostWaitedFor(event, pool)
  if (largest === undefined) return LATER
  const blocked = blockedOf(event, pool)
  if (after - blocked >= largest) return undefined
  return refuse('capacity_below_waiting', largest + blocked, {
    pool,
    ...(blocked > 0 && { blocked }),
  })
}

/** Why so many more seats of a pool, or of the event, can't be blocked; undefined where they can. */
export function obstacleToBlocking(
  event: EventState,
  pool: string | null,
  more: number,
): Verdict | undefined {
  if (event.settings.status === 'cancelled') return undefined
  // Or seats could be taken away which are kept for those who are served only in the next batch.
  if (isUnsettled(event)) return LATER
  const largest = mostWaitedFor(event, pool)
  if (largest === undefined) return LATER
  const most = capacityOf(event, pool) - largest
  if (blockedOf(event, pool) + more <= most) return undefined
  return refuse('capacity_below_waiting', most, { pool, waitedFor: largest })
}
