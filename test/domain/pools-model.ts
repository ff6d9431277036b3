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

  /** The first in line who can be served. */
  next(): Party | undefined {
    return this.line.find((party, place) => this.canServe(party, this.line.slice(0, place)))
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
    if (this.canServe(party)) {
      this.bookings.push(party)
      this.line = this.line.filter((entry) => !has(entry))
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
    const growth = Object.entries(takes)
      .map(([pool, seats]) => [pool, seats - (before.takes[pool] ?? 0)] as const)
      .filter(([, seats]) => seats > 0)
    if (!this.canServe({ user, takes: Object.fromEntries(growth) })) return 'sold_out'
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
