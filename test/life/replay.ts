import { deepStrictEqual, ok } from 'node:assert/strict'
import type { FactType } from '../../src/domain/facts.ts'
import type { EventStatus } from '../../src/domain/model.ts'
import type { FactRow } from '../../src/store/fact-rows.ts'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'

export interface BookingSeen {
  readonly id: number
  readonly user: string
  readonly seats: number
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
  /** Null for none. */
  readonly metadata: object | null
}

export interface HistorySeen {
  readonly first: number
  readonly last: number
  readonly changes: readonly FactRow[]
}

/** All there is of an event. */
export interface Snapshot {
  /** Whose its rows are: one tenant's, each of them. */
  readonly tenants: readonly string[]
  /** Null where the event is deleted. */
  readonly totalSeats: number | null
  /** By the names of their columns; null where the event is deleted. */
  readonly settings: SettingsColumns | null
  readonly taken: number
  /** By user. */
  readonly bookings: readonly BookingSeen[]
  /** In order. */
  readonly line: readonly EntrySeen[]
  /** The capacity with which the event, and so its history, began. */
  readonly firstCapacity: number
  /** In the order of their numbers, one for each commit. */
  readonly history: readonly HistorySeen[]
}

type ReplayedBooking = Pick<BookingSeen, 'id' | 'user' | 'seats' | 'status' | 'metadata'> & {
  expiresAt: string | null
}

/** An event as its history tells it, checked at each change. */
class Replay {
  capacity: number | null
  /** Null where the history does not begin with those of a new event. */
  settings: SettingsColumns | null = null
  readonly bookings = new Map<number, ReplayedBooking>()
  readonly line: EntrySeen[] = []
  readonly #entriesSeen: number[] = []
  #status: EventStatus = 'on_sale'

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get free(): number {
    const taken = [...this.bookings.values()].reduce((sum, { seats }) => sum + seats, 0)
    return (this.capacity ?? 0) - taken
  }

  /** Whether the first in line has room, and is to be served. */
  get isSomebodyLeft(): boolean {
    const [next] = this.line
    return this.#status === 'on_sale' && next !== undefined && next.seats <= this.free
  }

  apply(change: FactRow): void {
    ok(this.capacity !== null, 'nothing happens to an event that is deleted')
    const { type, seats_before: before, seats_after: after } = change
    if ('user_id' in change && after > before) {
      deepStrictEqual(this.#status, 'on_sale', 'seats and places are had while on sale')
    }
    this.#status = change.settings?.status ?? this.#status
    switch (type) {
      case 'booked':
      case 'held':
      case 'reacquired':
        deepStrictEqual(this.line, [], 'nobody is overtaken')
        {
          this.#put(change)
          return
        }
      case 'promoted': {
        const first = this.line.shift()
        deepStrictEqual(
          first,
          {
            id: change.waitlist_entry_id,
            user: change.user_id,
            seats: after,
            metadata: carried(change),
          },
          'the first in line is served, with the seats asked for',
        )
        this.#put(change)
        return
      }
      case 'resized':
        if (after > before) deepStrictEqual(this.line, [], 'nobody is overtaken by who grows')
        {
          this.#replace(change)
          return
        }
      case 'metadata_changed':
        deepStrictEqual(before, after, 'it changes no seats')
        ok(change.metadata !== undefined, 'it tells which')
        {
          this.#replace(change)
          return
        }
      case 'confirmed':
      case 'extended': {
        this.#replace(change)
        return
      }
      case 'cancelled':
      case 'released':
      case 'expired':
        deepStrictEqual([this.#take(change).seats, after], [before, 0])
        return
      case 'waitlisted': {
        this.#waitlist(change)
        return
      }
      case 'left_waitlist': {
        const at = this.line.findIndex(({ id }) => id === change.waitlist_entry_id)
        ok(at >= 0, 'who leaves was in line')
        this.line.splice(at, 1)
        return
      }
      case 'capacity_changed':
        deepStrictEqual(before, this.capacity)
        this.capacity = after
        if (this.settings !== null) this.settings = { ...this.settings, total_seats: after }
        ok(this.free >= 0, 'a capacity is never below what is taken')
        return
      case 'event_created':
        this.capacity = after
        this.settings = change.settings ?? null
        return
      case 'settings_changed':
        ok(change.settings !== undefined, 'it tells which')
        deepStrictEqual([before, after], [this.capacity, this.capacity])
        if (this.settings !== null) this.settings = { ...this.settings, ...change.settings }
        return
      case 'event_deleted':
        this.capacity = null
        this.bookings.clear()
        this.line.length = 0
    }
  }

  #waitlist(change: FactRow): void {
    const { waitlist_entry_id: id, user_id: user, seats_after: seats } = change
    ok(id !== undefined && id > 0 && user !== undefined, 'an entry is known by its id')
    ok(!this.line.some((entry) => entry.user === user), 'a user is in line once')
    ok(!this.#isBooked(user), 'nobody waits who is booked')
    ok(
      this.#entriesSeen.every((earlier) => earlier < id),
      'the order of the ids is the order of arrival',
    )
    this.#entriesSeen.push(id)
    this.line.push({ id, user, seats, metadata: carried(change) })
  }

  #isBooked(user: string | undefined): boolean {
    return [...this.bookings.values()].some((booking) => booking.user === user)
  }

  #take(change: FactRow): ReplayedBooking {
    const booking = this.bookings.get(change.booking_id ?? 0)
    ok(booking !== undefined, `${change.type} is of a booking that there is`)
    deepStrictEqual(booking.user, change.user_id)
    this.bookings.delete(booking.id)
    return booking
  }

  #replace(change: FactRow): void {
    const before = this.#take(change)
    deepStrictEqual(before.seats, change.seats_before)
    this.#put({ ...change, metadata: change.metadata ?? { ...before.metadata } })
  }

  #put({ booking_id: id, user_id: user, seats_after: seats, status, ...rest }: FactRow): void {
    ok(id !== undefined && id > 0, 'a booking is known by its id')
    ok(user !== undefined && status !== undefined && !this.bookings.has(id))
    ok(!this.#isBooked(user), 'a user has one booking')
    ok(!this.line.some((entry) => entry.user === user), 'nobody is booked and in line')
    const metadata = carried(rest)
    this.bookings.set(id, { id, user, seats, status, expiresAt: rest.expires_at ?? null, metadata })
    ok(this.free >= 0, 'never more seats than there are')
  }
}

/**
 * Checks what must hold of every event at any time, whatever was done to it, and that its history
 * replays to it. Returns the kinds of changes in its history.
 */
export function check(snapshot: Snapshot): Set<FactType> {
  const { bookings, line, totalSeats, taken, history } = snapshot
  const seats = bookings.reduce((sum, booking) => sum + booking.seats, 0)
  deepStrictEqual(taken, seats, 'the counter is the sum of the seats')
  ok(seats <= (totalSeats ?? 0), 'no more seats are taken than there are')
  const replay = new Replay(snapshot.firstCapacity)
  let sequence = 0
  for (const { first, last, changes } of history) {
    deepStrictEqual([first, last], [sequence + 1, sequence + changes.length], 'without gaps')
    sequence = last
    for (const change of changes) replay.apply(change)
    ok(!replay.isSomebodyLeft, 'nobody waits who could be served')
  }
  deepStrictEqual(replay.capacity, totalSeats)
  if (replay.settings !== null && totalSeats !== null) {
    deepStrictEqual(inJson(replay.settings), inJson(snapshot.settings), 'the whole event replays')
  }
  deepStrictEqual(
    [...replay.bookings.values()].sort(byId),
    bookings
      .map(({ id, user, seats, status, expiresAt, metadata }) => ({
        ...{ id, user, seats, status, metadata },
        expiresAt: expiresAt?.toISOString() ?? null,
      }))
      .sort(byId),
  )
  deepStrictEqual(replay.line, line)
  return new Set(history.flatMap(({ changes }) => changes.map(({ type }) => type)))
}

/** What the thing carries after a change that says so; null for none. */
function carried({ metadata }: Pick<FactRow, 'metadata'>): object | null {
  return metadata === undefined || Object.keys(metadata).length === 0 ? null : metadata
}

/** As JSON has it, whatever the order of the members. */
function inJson(settings: SettingsColumns | null): unknown {
  const members = Object.entries(settings ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.parse(JSON.stringify(Object.fromEntries(members)))
}

function byId(a: { id: number }, b: { id: number }): number {
  return a.id - b.id
}
