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

/** Of bookings, and blocked. */
export function takenOf({ bookings, blocked }: ModelEvent, pool: Pool): number {
  const ofBookings = bookings.map(({ lines }) => takesOf(lines).get(pool) ?? 0)
  const ofBlocks = blocked.filter((seat) => pool === null || seat.pool === pool)
  return ofBookings.reduce((sum, seats) => sum + seats, ofBlocks.length)
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
    const lack = before.some(({ lines }) => (takesOf(lines).get(pool) ?? 0) > available)
    if (seats > available || lack) {
      return refused('sold_out', undefined, { pool, available, waitingBefore: event.line.length })
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

/** Where more is asked for than the event or a pool has in all. */
export function excessOf(event: ModelEvent, takes: Takes): ModelRefused | undefined {
  for (const pool of [null, ...event.settings.pools.map(({ key }) => key)]) {
    const capacity = capacityOf(event, pool)
    if ((takes.get(pool) ?? 0) > capacity) return refused('exceeds_capacity', capacity, { pool })
  }
  return undefined
}
