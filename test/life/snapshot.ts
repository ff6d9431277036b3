import type { FactRow } from '../../src/store/fact-rows.ts'
import type { LineRow } from '../../src/store/offer.ts'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'

export interface BookingSeen {
  readonly id: number
  readonly user: string
  readonly seats: number
  /** Null where all are of the default type. */
  readonly lines: readonly LineRow[] | null
  readonly status: 'held' | 'confirmed'
  readonly expiresAt: Date | null
  readonly createdAt: Date | null
  /** Null for none. */
  readonly metadata: object | null
}

export interface EntrySeen {
  readonly id: number
  readonly user: string
  readonly seats: number
  readonly lines: readonly LineRow[] | null
  /** Null for none. */
  readonly metadata: object | null
}

export interface HistorySeen {
  readonly first: number
  readonly last: number
  readonly changes: readonly FactRow[]
}

/** A pool, or the event, with its counters. */
export interface PoolSeen {
  /** Null for the event. */
  readonly key: string | null
  readonly capacity: number
  readonly taken: number
  readonly blocked: number
}

/** A numbered seat that is not for sale. */
export interface BlockedSeen {
  readonly label: string
  readonly pool: string | null
}

/** A row of the table of seats that somebody has, or that are blocked. */
export interface SeatSeen {
  readonly label: string
  /** Null for a seat that is blocked. */
  readonly booking: number | null
}

/** All there is of an event. */
export interface Snapshot {
  /** Whose its rows are: one tenant's, each of them. */
  readonly tenants: readonly string[]
  /** Null where the event is deleted. */
  readonly totalSeats: number | null
  /** By the names of their columns; null where the event is deleted. */
  readonly settings: SettingsColumns | null
  /** That of the event first; none where it is deleted. */
  readonly pools: readonly PoolSeen[]
  /** By user. */
  readonly bookings: readonly BookingSeen[]
  /** In order. */
  readonly line: readonly EntrySeen[]
  /** By label. */
  readonly blocked: readonly BlockedSeen[]
  /** By label. */
  readonly seats: readonly SeatSeen[]
  /** The digest of its seating; null where its seats have no numbers. */
  readonly seating: string | null
  /** All numbers that there are. */
  readonly labels: readonly string[]
  /** The capacity with which the event, and so its history, began. */
  readonly firstCapacity: number
  /** In the order of their numbers, one for each commit. */
  readonly history: readonly HistorySeen[]
}
