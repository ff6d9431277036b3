import { deepStrictEqual, ok } from 'node:assert/strict'
import type { Booking, EventSettings, WaitlistEntry } from '../../src/domain/commands.ts'
import { decide } from '../../src/domain/decide.ts'
import type { Changes, EventState, State } from '../../src/domain/state.ts'
import type { System } from './follow.ts'
import type { HistorySeen } from './replay.ts'

/** The tables of one event, as PostgreSQL would have them, constraints included. */
class Tables {
  settings: EventSettings
  isDeleted = false
  readonly firstCapacity: number
  readonly bookings = new Map<number, Booking>()
  readonly line = new Map<number, WaitlistEntry>()
  readonly expired = new Set<number>()
  readonly history: HistorySeen[] = []

  constructor(settings: EventSettings) {
    this.settings = settings
    this.firstCapacity = settings.totalSeats
  }

  state(id: number): EventState {
    const bookings = [...this.bookings.values()]
    const held = bookings.filter(({ status }) => status === 'held')
    return {
      id,
      settings: this.settings,
      takenSeats: sum(bookings),
      heldSeats: sum(held),
      bookedUsers: new Set(bookings.map(({ userId }) => userId)),
      bookings,
      expiredBookingIds: this.expired,
      waitlist: [...this.line.values()],
      waitlistLength: this.line.size,
      waitingUsers: new Set([...this.line.values()].map(({ userId }) => userId)),
      lastSequence: this.history.at(-1)?.last ?? 0,
    }
  }

  apply(changes: Changes): void {
    const { history } = changes
    for (const id of changes.removedBookingIds) ok(this.bookings.delete(id), 'removed once')
    for (const id of changes.expiredBookingIds) this.expired.add(id)
    for (const id of changes.removedEntryIds) ok(this.line.delete(id), 'removed once')
    for (const booking of changes.updatedBookings) {
      ok(this.bookings.has(booking.id), 'what is updated is there')
      this.bookings.set(booking.id, booking)
    }
    for (const booking of changes.newBookings) {
      ok(!this.bookings.has(booking.id), 'a new id')
      this.bookings.set(booking.id, booking)
    }
    for (const entry of changes.newEntries) this.line.set(entry.id, entry)
    if (changes.settings !== null) this.settings = changes.settings
    if (history.changes.length > 0) {
      const last = history.firstSequence + history.changes.length - 1
      this.history.push({ first: history.firstSequence, last, changes: history.changes })
    }
    if (changes.isDeleted) {
      this.isDeleted = true
      this.bookings.clear()
      this.line.clear()
    }
    const users = [...this.bookings.values()].map(({ userId }) => userId)
    deepStrictEqual(users.length, new Set(users).size, 'one booking a user')
  }
}

/** The rules alone: `decide`, with tables in memory and a clock that is a variable. */
export function createMemorySystem(): System {
  const events = new Map<number, Tables>()
  let now = new Date('2026-01-15T10:30:00.000Z')
  let lastId = 0
  const newIds = (): number[] => Array.from({ length: 64 }, () => ++lastId)
  return {
    async createEvent(settings) {
      events.set(events.size + 1, new Tables(settings))
      return events.size
    },
    now: () => now,
    async advance(seconds) {
      now = new Date(now.getTime() + seconds * 1000)
    },
    async execute(commands) {
      const ids = new Set(commands.map(({ eventId }) => eventId))
      const existing = [...events].filter(([id, event]) => ids.has(id) && !event.isDeleted)
      const state: State = {
        events: new Map(existing.map(([id, event]) => [id, event.state(id)])),
        bookingIds: newIds(),
        entryIds: newIds(),
        now,
      }
      const before = structuredClone(state)
      const { outcomes, changes } = decide(state, commands)
      deepStrictEqual(state, before, 'the given state stays as it is')
      for (const change of changes) events.get(change.eventId)?.apply(change)
      return [...outcomes]
    },
    async look(eventId) {
      const event = events.get(eventId)
      ok(event !== undefined)
      const bookings = [...event.bookings.values()].map(({ userId, ...rest }) => ({
        ...rest,
        user: userId,
      }))
      const line = [...event.line.values()].map(({ id, userId, seats }) => ({
        ...{ id, user: userId, seats },
      }))
      return {
        totalSeats: event.isDeleted ? null : event.settings.totalSeats,
        taken: sum(bookings),
        bookings: bookings.sort((a, b) => (a.user < b.user ? -1 : 1)),
        line,
        firstCapacity: event.firstCapacity,
        history: event.history,
      }
    },
  }
}

function sum(bookings: readonly { seats: number }[]): number {
  return bookings.reduce((total, { seats }) => total + seats, 0)
}
