import { deepStrictEqual, ok } from 'node:assert/strict'
import type { FactRow } from '../../src/store/fact-rows.ts'
import { growthOf, labelsOf, takenBy, unnumbered, type Party } from './replay-room.ts'
import { ReplayedEvent, type ReplayedBooking } from './replayed-event.ts'
import type { EntrySeen } from './snapshot.ts'

/** An event as its history tells it, checked at each change. */
export class Replay extends ReplayedEvent {
  readonly #entriesSeen: number[] = []
  readonly #expired = new Map<number, ReplayedBooking>()

  /** Whether somebody in line has room, takes nothing that others before lack, and is to be served. */
  get isSomebodyLeft(): boolean {
    return this.status === 'on_sale' && this.next() !== undefined
  }

  apply(change: FactRow): void {
    ok(this.capacity !== null, 'nothing happens to an event that is deleted')
    const { type, seats_before: before, seats_after: after } = change
    if ('user_id' in change && after > before) {
      deepStrictEqual(this.status, 'on_sale', 'seats and places are had while on sale')
    }
    switch (type) {
      case 'booked':
      case 'held':
        this.#put(change)
        return
      case 'reacquired':
        this.#reacquire(change)
        return
      case 'promoted':
        this.#promote(change)
        return
      case 'resized':
      case 'metadata_changed':
      case 'confirmed':
      case 'extended':
        this.#replace(change)
        return
      case 'cancelled':
      case 'released':
      case 'expired':
        this.#end(change)
        return
      case 'waitlisted':
        this.#waitlist(change)
        return
      case 'left_waitlist': {
        const at = this.line.findIndex(({ id }) => id === change.waitlist_entry_id)
        ok(at >= 0, 'who leaves was in line')
        this.line.splice(at, 1)
        return
      }
      default:
        this.applyToEvent(change)
    }
  }

  #promote(change: FactRow): void {
    const next = this.next()
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
    ok(before !== undefined, `${change.type} is of a booking that there is`)
    deepStrictEqual(before.seats, change.seats_before)
    const growth = growthOf(before, partyOf(change))
    if (change.type === 'resized') ok(this.isOpen(growth, this.line), 'nobody is overtaken')
    else deepStrictEqual(before.lines, partyOf(change).lines, 'it changes no seats')
    ok(change.type !== 'metadata_changed' || change.metadata !== undefined, 'it tells which')
    this.#take(change)
    this.#add({ ...change, metadata: change.metadata ?? { ...before.metadata } })
  }

  /** @param waiting - those who come first */
  #put(change: FactRow, waiting: readonly EntrySeen[] = this.line): void {
    ok(this.isOpen(takenBy(partyOf(change)), waiting), 'nobody is overtaken')
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
      ok(!this.isTaken(label), `${label} has one holder`)
    }
    const expiresAt = change.expires_at ?? null
    this.bookings.set(id, { id, user, seats, lines, status, expiresAt, metadata: carried(change) })
    this.checkRoom()
  }
}

function partyOf({ seats_after: seats, lines }: FactRow): Party {
  return { seats, lines: lines ?? null }
}

/** What the thing carries after a change that says so; null for none. */
function carried({ metadata }: Pick<FactRow, 'metadata'>): object | null {
  return metadata === undefined || Object.keys(metadata).length === 0 ? null : metadata
}
