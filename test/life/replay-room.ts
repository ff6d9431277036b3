import type { LineRow } from '../../src/store/offer.ts'

// What seats come to, for the replay: it adds up by itself, on nothing but rows.

/** Null for the seats of the event. */
export type PoolKey = string | null

export interface Party {
  readonly seats: number
  readonly lines: readonly LineRow[] | null
}

/** What a party takes of each pool, that of the event first. */
export function takenBy({ seats, lines }: Party): Map<PoolKey, number> {
  const taken = new Map<PoolKey, number>([[null, seats]])
  for (const line of lines ?? []) {
    for (const pool of line.pools ?? []) taken.set(pool, (taken.get(pool) ?? 0) + line.seats)
  }
  return taken
}

/** What it takes more than before. */
export function growthOf(before: Party | undefined, after: Party): Map<PoolKey, number> {
  const had = before === undefined ? new Map<PoolKey, number>() : takenBy(before)
  const growth = [...takenBy(after)].map(([pool, seats]): [PoolKey, number] => [
    pool,
    seats - (had.get(pool) ?? 0),
  ])
  return new Map(growth.filter(([, seats]) => seats > 0))
}

export function labelsOf({ lines }: Party): string[] {
  return (lines ?? []).flatMap(({ labels = [] }) => labels)
}

/** Seats of each type and pool, whatever their numbers. */
export function unnumbered({ lines }: Party): unknown {
  return lines?.map(({ ticket_type, seats, pools = [] }) => ({ ticket_type, seats, pools })) ?? null
}
