import type { Line } from './model.ts'

/**
 * What a booking takes of an event's pools, or an entry waits for: seats by the pool's key. A claim
 * takes of the event's own seats too, which are counted apart: all of its seats.
 */
export type Claim = ReadonlyMap<string, number>

export const NO_CLAIM: Claim = new Map()

/** Whether a line is to have numbered seats: such as it names, or the best that are free. */
export function asksForSeats({
  labels,
  bestAvailable,
}: Pick<Line, 'labels' | 'bestAvailable'>): boolean {
  return labels !== undefined || bestAvailable !== undefined
}

/** What lines take of the pools. */
export function claimOf(lines: readonly Line[] | null): Claim {
  if (lines === null) return NO_CLAIM
  const claim = new Map<string, number>()
  for (const { pools, seats } of lines) {
    for (const pool of pools) claim.set(pool, (claim.get(pool) ?? 0) + seats)
  }
  return claim
}

/** What the second claim takes more than the first; what it takes less is left out. */
export function growthOf(before: Claim, after: Claim): Claim {
  const growth = [...after].map(([pool, seats]): [string, number] => [
    pool,
    seats - (before.get(pool) ?? 0),
  ])
  return new Map(growth.filter(([, seats]) => seats > 0))
}

/** Equal texts for equal claims on as many seats, and different ones for different claims. */
export function kindOf({ seats, lines }: { seats: number; lines: readonly Line[] | null }): string {
  const claim = [...claimOf(lines)].sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([seats, ...claim])
}
