import { deepStrictEqual, ok } from 'node:assert/strict'
import { askedEventOf, type AskedEvent } from '../../src/domain/commands.ts'
import { decide, LATER } from '../../src/domain/decide/decide.ts'
import { isBookingFact, isEntryFact, type Fact } from '../../src/domain/facts.ts'
import type { Booking, EventSettings, WaitlistEntry } from '../../src/domain/model.ts'
import { isExpired } from '../../src/domain/policy.ts'
import { newEventState, NO_REMAINDER, type EventState, type State } from '../../src/domain/state.ts'
import { rowOfFact } from '../../src/store/fact-rows.ts'
import { settingsColumns } from '../../src/store/settings-rows.ts'
import type { System } from './follow.ts'
import type { HistorySeen } from './replay.ts'

/** The tables of one event, as PostgreSQL would have them, constraints included. */
class Tables {
  settings: EventSettings
  isDeleted = false
  readonly firstCapacity: number
  readonly bookings = new Map<number, Booking>()
  readonly line = new Map<number, WaitlistEntry>()
  readonly expired = new Map<number, string>()
  readonly tenantId: string
  /** Of whom facts have told. */
  readonly tenants: Set<string>
  readonly history: HistorySeen[] = []

  constructor(settings: EventSettings, tenantId: string) {
    this.tenantId = tenantId
    this.tenants = new Set([tenantId])
    this.settings = settings
    this.firstCapacity = settings.totalSeats
  }

  state(id: number, now: Date): EventState {
    const bookings = [...this.bookings.values()]
    const held = bookings.filter(({ status }) => status === 'held')
    const due = held.filter((booking) => isExpired(booking, now))
    const isCancelled = this.settings.status === 'cancelled'
    return {
      ...newEventState(id, this.tenantId, this.settings),
      takenSeats: sum(bookings),
      heldSeats: sum(held),
      bookedUsers: new Set(bookings.map(({ userId }) => userId)),
      bookings: new Map(this.bookings),
      expiredHolds: new Map(this.expired),
      line: new Map(this.line),
      waitlistLength: this.line.size,
      waitingUsers: new Set([...this.line.values()].map(({ userId }) => userId)),
      lastSequence: this.history.at(-1)?.last ?? 0,
      remainder: {
        ...NO_REMAINDER,
        dueBookingIds: due.map((booking) => booking.id),
        endingBookingIds: isCancelled ? [...this.bookings.keys()] : null,
      },
    }
  }

  /** Applies the facts of one commit. */
  commit(facts: readonly Fact[]): void {
    const [first, last] = [facts[0], facts.at(-1)]
    if (first === undefined || last === undefined) return
    for (const fact of facts) {
      this.tenants.add(fact.tenantId)
      this.#apply(fact)
    }
    const changes = facts.map((fact) => rowOfFact(fact))
    this.history.push({ first: first.sequence, last: last.sequence, changes })
    if (this.isDeleted) {
      this.bookings.clear()
      this.line.clear()
    }
    const users = [...this.bookings.values()].map(({ userId }) => userId)
    deepStrictEqual(users.length, new Set(users).size, 'one booking a user')
  }

  #apply(fact: Fact): void {
    if (isBookingFact(fact)) this.#applyToBookings(fact)
    else if (isEntryFact(fact)) {
      const { waitlistEntryId: id, eventId, userId, seatsAfter: seats, lines } = fact
      if (fact.type === 'left_waitlist') ok(this.line.delete(id), 'removed once')
      else this.line.set(id, { id, eventId, userId, seats, lines, createdAt: fact.at })
    } else if (fact.type === 'event_deleted') this.isDeleted = true
    else if (fact.type === 'settings_changed')
      this.settings = { ...this.settings, ...fact.settings }
    else this.settings = { ...this.settings, totalSeats: fact.seatsAfter }
  }

  #applyToBookings(fact: Extract<Fact, { bookingId: number }>): void {
    const { bookingId: id, eventId, userId, seatsAfter: seats, lines, status, expiresAt } = fact
    const { type, at } = fact
    if (type === 'promoted') ok(this.line.delete(fact.waitlistEntryId ?? 0), 'removed once')
    if (type === 'expired') this.expired.set(id, userId)
    const before = this.bookings.get(id)
    const isNew = type === 'booked' || type === 'held' || type === 'promoted'
    deepStrictEqual(before === undefined, isNew, 'a new id, or that of a row that is there')
    if (status === null) this.bookings.delete(id)
    else {
      const createdAt = before?.createdAt ?? at
      this.bookings.set(id, { id, eventId, userId, seats, lines, status, expiresAt, createdAt })
    }
  }
}

/** Gives out the ids of new rows, as sequences do. */
class Ids {
  #last = 0
  readonly #given = new Map<number, number>()

  /** The id for a number of one batch: new for one below zero, the first time that it is met. */
  of(id: number): number {
    if (id >= 0) return id
    const given = this.#given.get(id) ?? (this.#last += 1)
    this.#given.set(id, given)
    return given
  }

  nextBatch(): void {
    this.#given.clear()
  }
}

/** The rules alone: `decide`, with tables in memory and a clock that is a variable. */
export function createMemorySystem(): System {
  const events = new Map<number, Tables>()
  const bookingIds = new Ids()
  const entryIds = new Ids()
  let now = new Date('2026-01-15T10:30:00.000Z')
  const stored = (fact: Fact): Fact => ({
    ...fact,
    ...('bookingId' in fact && { bookingId: bookingIds.of(fact.bookingId) }),
    ...('waitlistEntryId' in fact &&
      fact.waitlistEntryId !== null && { waitlistEntryId: entryIds.of(fact.waitlistEntryId) }),
  })
  return {
    async createEvent(settings, tenantId) {
      events.set(events.size + 1, new Tables(settings, tenantId))
      return events.size
    },
    now: () => now,
    async advance(seconds) {
      now = new Date(now.getTime() + seconds * 1000)
    },
    async execute(commands) {
      const asked = new Set(commands.flatMap((command) => keyOf(askedEventOf(command))))
      const existing = [...events].filter(
        ([id, { tenantId, isDeleted }]) => asked.has(keyOf({ id, tenantId })) && !isDeleted,
      )
      const states = existing.map(([id, event]) => [id, event.state(id, now)] as const)
      const state: State = { events: new Map(states), now }
      const { verdicts, facts, unsettled } = decide(state, commands)
      const isLeft = existing.filter(([id]) => unsettled.some((each) => each.id === id))
      bookingIds.nextBatch()
      entryIds.nextBatch()
      for (const [id, event] of existing) {
        event.commit(facts.filter(({ eventId }) => eventId === id).map(stored))
      }
      for (const [id, event] of isLeft) {
        deepStrictEqual(
          event.settings.status,
          'cancelled',
          'all is loaded, so nothing else is left',
        )
        const left = decide({ events: new Map([[id, event.state(id, now)]]), now }, [])
        deepStrictEqual(left.unsettled, [])
        event.commit(left.facts)
      }
      return verdicts.map((verdict) => {
        ok(verdict !== LATER, 'all is decided at once')
        return verdict
      })
    },
    async look(eventId) {
      const event = events.get(eventId)
      ok(event !== undefined)
      const bookings = [...event.bookings.values()].map(({ userId, ...rest }) => ({
        ...rest,
        user: userId,
        metadata: null,
      }))
      const line = [...event.line.values()].map(({ id, userId, seats }) => ({
        ...{ id, user: userId, seats, metadata: null },
      }))
      return {
        tenants: [...event.tenants],
        totalSeats: event.isDeleted ? null : event.settings.totalSeats,
        settings: event.isDeleted ? null : settingsColumns(event.settings),
        taken: sum(bookings),
        bookings: bookings.sort((a, b) => (a.user < b.user ? -1 : 1)),
        line,
        firstCapacity: event.firstCapacity,
        history: event.history,
      }
    },
  }
}

function keyOf(asked: AskedEvent | undefined): string {
  return JSON.stringify([asked?.id, asked?.tenantId])
}

function sum(bookings: readonly { seats: number }[]): number {
  return bookings.reduce((total, { seats }) => total + seats, 0)
}
