import { deepStrictEqual, ok } from 'node:assert/strict'
import type { EventStatus } from '../../src/domain/model.ts'
import type { FactRow } from '../../src/store/fact-rows.ts'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'
import { labelsOf, takenBy, type PoolKey } from './replay-room.ts'
import type { BookingSeen, EntrySeen } from './snapshot.ts'

export type ReplayedBooking = Omit<BookingSeen, 'expiresAt' | 'createdAt'> & {
  readonly expiresAt: string | null
}

/** What an event has by its history, and what room there is. */
export class ReplayedEvent {
  capacity: number | null
  /** Null where the history does not begin with those of a new event. */
  settings: SettingsColumns | null = null
  seating: string | null = null
  status: EventStatus = 'on_sale'
  readonly bookings = new Map<number, ReplayedBooking>()
  readonly line: EntrySeen[] = []
  /** Labels with their pools. */
  readonly blocked = new Map<string, string | null>()
  #pools = new Map<string, number>()

  constructor(capacity: number) {
    this.capacity = capacity
  }

  applyToEvent(change: FactRow): void {
    const { type, seats_before: before, seats_after: after, settings } = change
    switch (type) {
      case 'event_created':
        this.settings = settings ?? null
        break
      case 'capacity_changed':
        deepStrictEqual(before, this.capacity)
        if (this.settings !== null) this.settings = { ...this.settings, total_seats: after }
        break
      case 'settings_changed':
        ok(settings !== undefined, 'it tells which')
        if (this.settings !== null) this.settings = { ...this.settings, ...settings }
        break
      case 'seating_changed':
        ok(change.seating !== undefined && change.seating !== this.seating, 'it is another one')
        this.seating = change.seating
        break
      case 'seats_blocked':
        for (const label of change.labels ?? []) {
          ok(!this.isTaken(label), `${label} is nobody's`)
          this.blocked.set(label, change.pool ?? null)
        }
        break
      case 'seats_unblocked':
        for (const label of change.labels ?? []) {
          deepStrictEqual(this.blocked.get(label), change.pool ?? null, 'of the same pool')
          this.blocked.delete(label)
        }
        break
      default:
        for (const part of [this.bookings, this.blocked]) part.clear()
        this.line.length = 0
        this.capacity = null
        return
    }
    if (type !== 'event_created' && type !== 'capacity_changed') deepStrictEqual(before, after)
    this.capacity = after
    this.status = settings?.status ?? this.status
    const { pools } = settings ?? {}
    if (pools !== undefined) {
      this.#pools = new Map((pools ?? []).map(({ key, capacity }) => [key, capacity]))
    }
    this.checkRoom()
  }

  free(pool: PoolKey): number {
    const capacity = pool === null ? (this.capacity ?? 0) : (this.#pools.get(pool) ?? 0)
    const taken = [...this.bookings.values()].map((each) => takenBy(each).get(pool) ?? 0)
    const blocked = [...this.blocked.values()].filter((of) => pool === null || of === pool)
    return taken.reduce((free, seats) => free - seats, capacity - blocked.length)
  }

  checkRoom(): void {
    const taken = [...this.bookings.values()].flatMap((each) => [...takenBy(each).keys()])
    for (const pool of new Set([null, ...this.#pools.keys(), ...taken, ...this.blocked.values()])) {
      ok(this.free(pool) >= 0, `never more seats of ${pool} than there are`)
    }
  }

  isTaken(label: string): boolean {
    const holders = [...this.bookings.values()].filter((each) => labelsOf(each).includes(label))
    return holders.length > 0 || this.blocked.has(label)
  }

  /** Whether none of these lacks room in a pool of which something is to be taken. */
  isOpen(takes: ReadonlyMap<PoolKey, number>, before: readonly EntrySeen[]): boolean {
    return [...takes.keys()].every((pool) =>
      before.every((entry) => (takenBy(entry).get(pool) ?? 0) <= this.free(pool)),
    )
  }

  next(): EntrySeen | undefined {
    return this.line.find((entry, place) => {
      const takes = takenBy(entry)
      const fits = [...takes].every(([pool, seats]) => seats <= this.free(pool))
      return fits && this.isOpen(takes, this.line.slice(0, place))
    })
  }
}
