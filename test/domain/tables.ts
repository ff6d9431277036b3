import { deepStrictEqual, ok } from 'node:assert/strict'
import { evolve } from '../../src/domain/evolve.ts'
import { isBookingFact, isEntryFact, type Fact } from '../../src/domain/facts.ts'
import { freeSeatsOf } from '../../src/domain/capacity.ts'
import { NO_REMAINDER, type EventState } from '../../src/domain/state.ts'
import { WaitingKinds } from '../../src/domain/waiting-kinds.ts'
import { byId, usersOf } from '../helpers/state.ts'

/** The one event there is, once its row is written. */
export const EVENT_ID = 1

/** The ids that rows get: what a batch knows by numbers below zero gets the next ones. */
export class RowIds {
  lastBooking: number
  lastEntry: number

  constructor(lastBooking = 0, lastEntry = 0) {
    this.lastBooking = lastBooking
    this.lastEntry = lastEntry
  }

  ofBatch(): BatchIds {
    return new BatchIds(this)
  }
}

class BatchIds {
  readonly #rows: RowIds
  readonly #bookings = new Map<number, number>()
  readonly #entries = new Map<number, number>()

  constructor(rows: RowIds) {
    this.#rows = rows
  }

  inFact(fact: Fact): Fact {
    const eventId = EVENT_ID
    if (isBookingFact(fact)) {
      const entryId = fact.waitlistEntryId
      const waitlistEntryId = entryId === null ? null : this.#entry(entryId)
      return { ...fact, eventId, bookingId: this.#booking(fact.bookingId), waitlistEntryId }
    }
    if (!isEntryFact(fact)) return { ...fact, eventId }
    return { ...fact, eventId, waitlistEntryId: this.#entry(fact.waitlistEntryId) }
  }

  inState(state: EventState): EventState {
    const bookings = [...state.bookings.values()]
    const line = [...state.line.values()]
    return {
      ...copyOf(state),
      bookings: byId(bookings.map((each) => ({ ...each, id: this.#booking(each.id) }))),
      line: byId(line.map((each) => ({ ...each, id: this.#entry(each.id) }))),
    }
  }

  #booking(id: number): number {
    if (id > 0) return id
    const known = this.#bookings.get(id) ?? ++this.#rows.lastBooking
    this.#bookings.set(id, known)
    return known
  }

  #entry(id: number): number {
    if (id > 0) return id
    const known = this.#entries.get(id) ?? ++this.#rows.lastEntry
    this.#entries.set(id, known)
    return known
  }
}

/** A state of its own with the same content. */
export function copyOf(state: EventState): EventState {
  return {
    ...state,
    bookings: new Map(state.bookings),
    bookedUsers: new Set(state.bookedUsers),
    expiredHolds: new Map(state.expiredHolds),
    expiredBookings: new Map(state.expiredBookings),
    line: new Map(state.line),
    poolsTaken: new Map(state.poolsTaken),
    // All of the line is in the tables.
    kinds: state.kinds && new WaitingKinds(state.line.values()),
    entriesBehind: new Map(state.entriesBehind),
    waitingUsers: new Set(state.waitingUsers),
  }
}

/** All of an event but for what a batch left out of it, in an order that tells. */
export function contentOf(state: EventState): unknown {
  return {
    ...state,
    remainder: null,
    bookings: [...state.bookings.values()].sort((a, b) => a.id - b.id),
    line: [...state.line.values()],
  }
}

/** The event whole, as the tables hold it, changed by facts alone. */
export class Tables {
  event: EventState
  readonly ids: RowIds

  constructor(event: EventState) {
    this.event = { ...copyOf(event), remainder: NO_REMAINDER }
    this.ids = new RowIds(Math.max(0, ...event.bookings.keys()), Math.max(0, ...event.line.keys()))
  }

  /** @throws where somebody is overtaken, or more seats are taken than there are */
  write(facts: readonly Fact[]): void {
    const ids = this.ids.ofBatch()
    for (const fact of facts.map((each) => ids.inFact(each))) {
      this.#checkOrder(fact)
      this.event = evolve(this.event, fact)
      ok(freeSeatsOf(this.event) >= 0, 'no more seats are taken than there are')
    }
    checkCounts(this.event)
  }

  #checkOrder(fact: Fact): void {
    const [first] = this.event.line.keys()
    if (fact.type === 'promoted') {
      deepStrictEqual(fact.waitlistEntryId, first, 'the first in line is served')
    }
    const isGrowing = isBookingFact(fact) && fact.seatsAfter > fact.seatsBefore
    if (isGrowing && fact.type !== 'promoted') {
      deepStrictEqual(first, undefined, 'nobody is overtaken')
    }
  }
}

/** @throws where counters and sets don't say what the bookings and the line do */
export function checkCounts(event: EventState): void {
  const bookings = [...event.bookings.values()]
  const line = [...event.line.values()]
  const sum = (seats: number, each: { readonly seats: number }) => seats + each.seats
  deepStrictEqual(event.takenSeats, bookings.reduce(sum, 0))
  const held = bookings.filter(({ status }) => status === 'held')
  deepStrictEqual(event.heldSeats, held.reduce(sum, 0))
  deepStrictEqual(event.bookedUsers, usersOf(bookings))
  deepStrictEqual(event.waitlistLength, line.length)
  deepStrictEqual(event.waitingUsers, usersOf(line))
  deepStrictEqual(event.entriesBehind.size, 0)
}
