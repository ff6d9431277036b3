import { deepStrictEqual, ok } from 'node:assert/strict'
import type { EventStatus } from '../../src/domain/model.ts'
import type { FactRow } from '../../src/store/fact-rows.ts'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'
import { growthOf, labelsOf, takenBy, unnumbered, type Party, type PoolKey } from './replay-room.ts'
import type { BookingSeen, EntrySeen } from './snapshot.ts'

type ReplayedBooking = Omit<BookingSeen, 'expiresAt' | 'createdAt'> & {
  readonly expiresAt: string | null
}

/** An event as its history tells it, checked at each change. */
export class Replay {
  capacity: number | null
  /** Null where the history does not begin with those of a new event. */
  settings: SettingsColumns | null = null
  seating: string | null = null
  readonly bookings = new Map<number, ReplayedBooking>()
  readonly line: EntrySeen[] = []
  /** Labels with their pools. */
  readonly blocked = new Map<string, string | null>()
  readonly #entriesSeen: number[] = []
  readonly #expired = new Map<number, ReplayedBooking>()
  #pools = new Map<string, number>()
  #status: EventStatus = 'on_sale'

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Whether somebody in line has room, takes nothing that others before lack, and is to be served. */
  get isSomebodyLeft(): boolean {
    return this.#status === 'on_sale' && this.#next() !== undefined
  }

  apply(change: FactRow): void {
    ok(this.capacity !== null, 'nothing happens to an event that is deleted')
    const { type, seats_before: before, seats_after: after } = change
    if ('user_id' in change && after > before) {
      deepStrictEqual(this.#status, 'on_sale', 'seats and places are had while on sale')
    }
    switch (type) {
      case 'booked':
      case 'held':
        return this.#put(change)
      case 'reacquired':
        return this.#reacquire(change)
      case 'promoted':
        return this.#promote(change)
      case 'resized':
      case 'metadata_changed':
      case 'confirmed':
      case 'extended':
        return this.#replace(change)
      case 'cancelled':
      case 'released':
      case 'expired':
        return this.#end(change)
      case 'waitlisted':
        return this.#waitlist(change)
      case 'left_waitlist': {
        const at = this.line.findIndex(({ id }) => id === change.waitlist_entry_id)
        ok(at >= 0, 'who leaves was in line')
        this.line.splice(at, 1)
        return
      }
      default:
        this.#applyToEvent(change)
    }
  }

  #applyToEvent(change: FactRow): void {
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
          ok(!this.#isTaken(label), `${label} is nobody's`)
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
    this.#status = settings?.status ?? this.#status
    const { pools } = settings ?? {}
    if (pools !== undefined) {
      this.#pools = new Map((pools ?? []).map(({ key, capacity }) => [key, capacity]))
    }
    this.#checkRoom()
  }

  #free(pool: PoolKey): number {
    const capacity = pool === null ? (this.capacity ?? 0) : (this.#pools.get(pool) ?? 0)
    const taken = [...this.bookings.values()].map((each) => takenBy(each).get(pool) ?? 0)
    const blocked = [...this.blocked.values()].filter((of) => pool === null || of === pool)
    return taken.reduce((free, seats) => free - seats, capacity - blocked.length)
  }

  #checkRoom(): void {
    const taken = [...this.bookings.values()].flatMap((each) => [...takenBy(each).keys()])
    for (const pool of new Set([null, ...this.#pools.keys(), ...taken, ...this.blocked.values()])) {
      ok(this.#free(pool) >= 0, `never more seats of ${pool} than there are`)
    }
  }

  #isTaken(label: string): boolean {
    const holders = [...this.bookings.values()].filter((each) => labelsOf(each).includes(label))
    return holders.length > 0 || this.blocked.has(label)
  }

  /** Whether none of these lacks room in a pool of which something is to be taken. */
  #isOpen(takes: ReadonlyMap<PoolKey, number>, before: readonly EntrySeen[]): boolean {
    return [...takes.keys()].every((pool) =>
      before.every((entry) => (takenBy(entry).get(pool) ?? 0) <= this.#free(pool)),
    )
  }

  #next(): EntrySeen | undefined {
    return this.line.find((entry, place) => {
      const takes = takenBy(entry)
      const fits = [...takes].every(([pool, seats]) => seats <= this.#free(pool))
      return fits && this.#isOpen(takes, this.line.slice(0, place))
    })
  }

  #promote(change: FactRow): void {
    const next = this.#next()
    ok(next !== undefined, 'somebody can be served')
    const { waitlist_entry_id: id, user_id: user, seats_after: seats } = change
    deepStrictEqual(
      { id, user, seats, metadata: carried(change), lines: unnumbered(partyOf(change)) },
      { ...next, lines: unnumbered(next) },
      'the first who can be served is, with the seats asked for',
    )
    const before = this.line.splice(this.line.indexOf(next))
    this.#put(change, this.line)
    this.line.push(...before.slice(1))
  }

  #reacquire(change: FactRow): void {
    const expired = this.#expired.get(change.booking_id ?? 0)
    ok(expired !== undefined, 'of a hold that has expired')
    const { user, seats, lines, metadata } = expired
    deepStrictEqual(
      [change.user_id, change.seats_after, partyOf(change).lines, carried(change)],
      [user, seats, lines, metadata],
      'the very same seats',
    )
    this.#expired.delete(expired.id)
    this.#put(change)
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
    this.line.push({ id, user, seats, lines: partyOf(change).lines, metadata: carried(change) })
  }

  #isBooked(user: string | undefined): boolean {
    return [...this.bookings.values()].some((booking) => booking.user === user)
  }

  #end(change: FactRow): void {
    const booking = this.#take(change)
    deepStrictEqual([booking.seats, change.seats_after], [change.seats_before, 0])
    deepStrictEqual(booking.lines, partyOf(change).lines, 'it gives back what it had')
    if (change.type === 'expired') this.#expired.set(booking.id, booking)
  }

  #take(change: FactRow): ReplayedBooking {
    const booking = this.bookings.get(change.booking_id ?? 0)
    ok(booking !== undefined, `${change.type} is of a booking that there is`)
    deepStrictEqual(booking.user, change.user_id)
    this.bookings.delete(booking.id)
    return booking
  }

  #replace(change: FactRow): void {
    const before = this.bookings.get(change.booking_id ?? 0)
    deepStrictEqual(before?.seats, change.seats_before)
    const growth = growthOf(before, partyOf(change))
    if (change.type === 'resized') ok(this.#isOpen(growth, this.line), 'nobody is overtaken')
    else deepStrictEqual(before?.lines, partyOf(change).lines, 'it changes no seats')
    ok(change.type !== 'metadata_changed' || change.metadata !== undefined, 'it tells which')
    this.#take(change)
    this.#add({ ...change, metadata: change.metadata ?? { ...before?.metadata } })
  }

  /** @param waiting - those who come first */
  #put(change: FactRow, waiting: readonly EntrySeen[] = this.line): void {
    ok(this.#isOpen(takenBy(partyOf(change)), waiting), 'nobody is overtaken')
    this.#add(change)
  }

  #add(change: FactRow): void {
    const { booking_id: id, user_id: user, seats_after: seats, status } = change
    ok(id !== undefined && id > 0, 'a booking is known by its id')
    ok(user !== undefined && status !== undefined && !this.bookings.has(id))
    ok(!this.#isBooked(user), 'a user has one booking')
    ok(!this.line.some((entry) => entry.user === user), 'nobody is booked and in line')
    const { lines } = partyOf(change)
    for (const label of labelsOf({ seats, lines })) {
      ok(!this.#isTaken(label), `${label} has one holder`)
    }
    const expiresAt = change.expires_at ?? null
    this.bookings.set(id, { id, user, seats, lines, status, expiresAt, metadata: carried(change) })
    this.#checkRoom()
  }
}

function partyOf({ seats_after: seats, lines }: FactRow): Party {
  return { seats, lines: lines ?? null }
}

/** What the thing carries after a change that says so; null for none. */
function carried({ metadata }: Pick<FactRow, 'metadata'>): object | null {
  return metadata === undefined || Object.keys(metadata).length === 0 ? null : metadata
}
