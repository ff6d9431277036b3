import { type ModelRefused, refused } from './outcomes.ts'
import type { ModelEntry, ModelEvent, ModelLine } from './types.ts'

// Capacities: the event's own seats are a pool like the others, whose key is null. All is added up anew
// whenever it is asked for.

type Pool = string | null

/** What is taken of each pool, that of the event first. */
export type Takes = ReadonlyMap<Pool, number>

/** What lines take. */
export function takesOf(lines: readonly ModelLine[]): Takes {
  const takes = new Map<Pool, number>([[null, 0]])
  for (const { seats, pools } of lines) {
    for (const pool of [null, ...pools]) takes.set(pool, (takes.get(pool) ?? 0) + seats)
  }
  return takes
}

/** What the second lines take more than the first. */
export function growthOf(before: readonly ModelLine[], after: readonly ModelLine[]): Takes {
  const had = takesOf(before)
  const growth = [...takesOf(after)].map(
    ([pool, seats]) => [pool, seats - (had.get(pool) ?? 0)] as const,
  )
  return new Map(growth.filter(([, seats]) => seats > 0))
}

export function capacityOf({ settings }: ModelEvent, pool: Pool): number {
  if (pool === null) return settings.totalSeats
  return settings.pools.find(({ key }) => key === pool)?.capacity ?? 0
}

export function blockedOf({ blocked }: ModelEvent, pool: Pool): number {
  return blocked.filter((seat) => pool === null || seat.pool === pool).length
}

/** Of bookings, and blocked. */
export function takenOf(event: ModelEvent, pool: Pool): number {
  const ofBookings = event.bookings.map(({ lines }) => takesOf(lines).get(pool) ?? 0)
  return ofBookings.reduce((sum, seats) => sum + seats, blockedOf(event, pool))
}

/** Seats of a pool that one of those who wait needs at the most. */
export function mostWaitedFor(entries: readonly ModelEntry[], pool: Pool): number {
  return Math.max(0, ...entries.map(({ lines }) => takesOf(lines).get(pool) ?? 0))
}

export function freeOf(event: ModelEvent, pool: Pool): number {
  return capacityOf(event, pool) - takenOf(event, pool)
}

/**
 * In which pool there is no room, or somebody before lacks room; undefined where it can be had. The rule
 * of the waitlist: an entry is overtaken only by what takes nothing from a pool in which it lacks room.
 */
export function shortageOf(
  event: ModelEvent,
  takes: Takes,
  before: readonly ModelEntry[] = event.line,
): ModelRefused | undefined {
  for (const [pool, seats] of takes) {
    const available = freeOf(event, pool)
    const most = mostWaitedFor(before, pool)
    if (seats > available || most > available) {
      const waitingBefore = most > 0 ? before.length : 0
      return refused('sold_out', undefined, { pool, available, waitingBefore })
    }
  }
  return undefined
}

/** The first in line who can be served. */
export function nextInLine(event: ModelEvent): ModelEntry | undefined {
  const { line } = event
  return line.find(
    ({ lines }, place) => shortageOf(event, takesOf(lines), line.slice(0, place)) === undefined,
  )
}

/** Where more is asked for than can ever be sold. */
export function excessOf(event: ModelEvent, takes: Takes): ModelRefused | undefined {
  for (const [pool, seats] of takes) {
    const most = capacityOf(event, pool) - blockedOf(event, pool)
    if (seats > most) return refused('exceeds_capacity', most, { pool })
  }
  return undefined
}
