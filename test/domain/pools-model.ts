import { claimOf } from '../../src/domain/claim.ts'
import type { Line } from '../../src/domain/model.ts'

// Pools and lines once more, told by plain lists: all is added up anew whenever it is asked for. Slow,
// and plain to see. The event's own seats are the pool ALL, which each seat is taken from.

export const ALL = 'all'

/** Seats by their pools. */
export type Seats = Readonly<Record<string, number>>

export interface Party {
  readonly user: string
  readonly takes: Seats
}

/** How it is told whether a party may overtake others; a test may give a wrong rule, to be caught. */
export type MayOvertake = (party: Party, before: readonly Party[], lacks: Lacks) => boolean
type Lacks = (party: Party, pool: string) => boolean

/** It takes nothing from a pool in which one of those before lacks room. */
export const theRule: MayOvertake = ({ takes }, before, lacks) =>
  Object.keys(takes).every((pool) => !before.some((other) => lacks(other, pool)))

/** What somebody takes, or is to take. */
export function partyOf({
  userId,
  seats,
  lines,
}: {
  readonly userId: string
  readonly seats: number
  readonly lines: readonly Line[] | null
}): Party {
  return { user: userId, takes: { [ALL]: seats, ...Object.fromEntries(claimOf(lines)) } }
}

/** What the second takes more than the first. */
export function growthOf(before: Seats, after: Seats): Seats {
  const growth = Object.entries(after)
    .map(([pool, seats]) => [pool, seats - (before[pool] ?? 0)] as const)
    .filter(([, seats]) => seats > 0)
  return Object.fromEntries(growth)
}

export class ModelPools {
  capacities: Seats
  bookings: Party[] = []
  line: Party[] = []
  readonly #mayOvertake: MayOvertake

  constructor(capacities: Seats, mayOvertake: MayOvertake = theRule) {
    this.capacities = capacities
    this.#mayOvertake = mayOvertake
  }

  free(pool: string): number {
    const taken = this.bookings.reduce((sum, { takes }) => sum + (takes[pool] ?? 0), 0)
    return (this.capacities[pool] ?? 0) - taken
  }

  /** Whether a party that has those before it can be served now. */
  canServe(party: Party, before: readonly Party[] = this.line): boolean {
    const lacks: Lacks = ({ takes }, pool) => (takes[pool] ?? 0) > this.free(pool)
    const fits = Object.keys(party.takes).every((pool) => !lacks(party, pool))
    return fits && this.#mayOvertake(party, before, lacks)
  }

  /** Those of the line who stand before one of them. */
  before(party: Party): readonly Party[] {
    return this.line.slice(0, this.line.indexOf(party))
  }

  /** The first in line who can be served. */
  next(): Party | undefined {
    return this.line.find((party) => this.canServe(party, this.before(party)))
  }

  serve(): void {
    for (let party = this.next(); party !== undefined; party = this.next()) {
      this.line.splice(this.line.indexOf(party), 1)
      this.bookings.push(party)
    }
  }

  reserve(party: Party, waitlist: boolean): string {
    const has = ({ user }: Party): boolean => user === party.user
    if (this.bookings.some(has)) return 'already_booked'
    const others = this.line.filter((entry) => !has(entry))
    // Their own entry hinders nobody; where there are no pools they stand behind it, as ever.
    const hasPools = Object.keys(this.capacities).length > 1
    if (this.canServe(party, hasPools ? others : this.line)) {
      this.bookings.push(party)
      this.line = others
      this.serve()
      return 'booking'
    }
    if (!waitlist) return 'sold_out'
    if (this.line.some(has)) return 'already_waiting'
    const entries = Object.entries(party.takes)
    if (entries.some(([pool, seats]) => seats > (this.capacities[pool] ?? 0))) {
      return 'exceeds_capacity'
    }
    this.line.push(party)
    return 'waiting'
  }

  cancel(user: string): string {
    const stay = this.bookings.filter((each) => each.user !== user)
    if (stay.length === this.bookings.length) return 'booking_not_found'
    this.bookings = stay
    this.serve()
    return 'done'
  }

  leave(user: string): string {
    const stay = this.line.filter((each) => each.user !== user)
    if (stay.length === this.line.length) return 'waitlist_entry_not_found'
    this.line = stay
    this.serve()
    return 'done'
  }

  resize(user: string, takes: Seats): string {
    const place = this.bookings.findIndex((each) => each.user === user)
    const before = this.bookings[place]
    if (before === undefined) return 'booking_not_found'
    if (!this.canServe({ user, takes: growthOf(before.takes, takes) })) return 'sold_out'
    this.bookings[place] = { user, takes }
    this.serve()
    return 'booking'
  }

  change(capacities: Seats): string {
    for (const [pool, before] of Object.entries(this.capacities)) {
      const after = capacities[pool] ?? 0
      if (after < before - this.free(pool)) return 'capacity_below_taken'
      const waitedFor = this.line.some(({ takes }) => (takes[pool] ?? 0) > after)
      if (after < before && waitedFor) return 'capacity_below_waiting'
    }
    this.capacities = capacities
    this.serve()
    return 'event'
  }
}
