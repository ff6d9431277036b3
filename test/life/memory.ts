import { deepStrictEqual, ok } from 'node:assert/strict'
import { askedEventOf, type AskedEvent } from '../../src/domain/commands.ts'
import { decide, LATER } from '../../src/domain/decide/decide.ts'
import { evolve } from '../../src/domain/evolve.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { newEventState, type EventState, type State } from '../../src/domain/state.ts'
import { rowOfFact } from '../../src/store/fact-rows.ts'
import { rowsOfLines } from '../../src/store/offer.ts'
import { settingsColumns } from '../../src/store/settings-rows.ts'
import { loadWhole } from '../domain/load.ts'
import type { System } from './follow.ts'
import { labelsOf } from './replay-room.ts'
import type { HistorySeen, Snapshot } from './snapshot.ts'

/** An event as the tables hold it, changed by facts alone. */
class Stored {
  state: EventState
  readonly firstCapacity: number
  /** Of whom facts have told. */
  readonly tenants: Set<string>
  readonly history: HistorySeen[] = []

  constructor(id: number, tenantId: string, settings: EventSettings) {
    this.state = newEventState(id, tenantId, settings)
    this.tenants = new Set([tenantId])
    this.firstCapacity = settings.totalSeats
  }

  /** What a batch is given, and may change. */
  load(now: Date): EventState {
    const { blocked, poolsBlocked, occupancy } = this.state
    const seats = occupancy && new Occupancy(occupancy.seating, occupancy.takenLabels())
    return {
      ...loadWhole(this.state, now),
      blocked: new Map(blocked),
      poolsBlocked: new Map(poolsBlocked),
      occupancy: seats,
    }
  }

  /** Applies the facts of one commit. */
  commit(facts: readonly Fact[]): void {
    const [first, last] = [facts[0], facts.at(-1)]
    if (first === undefined || last === undefined) return
    for (const fact of facts) {
      this.tenants.add(fact.tenantId)
      this.state = evolve(this.state, fact)
    }
    const changes = facts.map((fact) => rowOfFact(fact))
    this.history.push({ first: first.sequence, last: last.sequence, changes })
    const users = [...this.state.bookings.values()].map(({ userId }) => userId)
    deepStrictEqual(users.length, new Set(users).size, 'one booking a user')
  }

  look(): Snapshot {
    const { tenants, firstCapacity, history, state } = this
    const { settings, seatingDigest: seating, isDeleted } = state
    const none = { bookings: [], line: [], blocked: [], seats: [], pools: [], labels: [] }
    const of = { tenants: [...tenants], firstCapacity, history }
    if (isDeleted) return { ...of, ...none, totalSeats: null, settings: null, seating: null }
    const rows = rowsOf(state)
    return {
      ...{ ...of, ...rows, totalSeats: settings.totalSeats, seating },
      settings: settingsColumns(settings),
      pools: countersOf(state),
      labels: [...(state.occupancy?.seating.labels() ?? [])],
      seats: seatsIn(rows),
    }
  }
}

function rowsOf(state: EventState): Pick<Snapshot, 'bookings' | 'line' | 'blocked'> {
  const bookings = [...state.bookings.values()].map((booking) => {
    const { id, userId: user, seats, status, expiresAt, createdAt, metadata = null } = booking
    return {
      ...{ id, user, seats, status, expiresAt, createdAt, metadata },
      lines: rowsOfLines(booking.lines),
    }
  })
  const line = [...state.line.values()].map(({ id, userId: user, seats, lines, metadata }) => ({
    ...{ id, user, seats, lines: rowsOfLines(lines), metadata: metadata ?? null },
  }))
  const blocked = [...state.blocked].map(([label, pool]) => ({ label, pool }))
  return {
    bookings: bookings.sort((a, b) => (a.user < b.user ? -1 : 1)),
    line,
    blocked: blocked.sort(byLabel),
  }
}

function countersOf(state: EventState): Snapshot['pools'] {
  const { settings, takenSeats: taken, blockedSeats: blocked, poolsTaken, poolsBlocked } = state
  return [
    { key: null, capacity: settings.totalSeats, taken, blocked },
    ...settings.pools.map(({ key, capacity }) => {
      const ofPool = { taken: poolsTaken.get(key) ?? 0, blocked: poolsBlocked.get(key) ?? 0 }
      return { key, capacity, ...ofPool }
    }),
  ]
}

function seatsIn({ bookings, blocked }: Pick<Snapshot, 'bookings' | 'blocked'>): Snapshot['seats'] {
  const held = bookings.flatMap((each) =>
    labelsOf(each).map((label) => ({ label, booking: each.id })),
  )
  return [...held, ...blocked.map(({ label }) => ({ label, booking: null }))].sort(byLabel)
}

function byLabel(a: { label: string }, b: { label: string }): number {
  return a.label < b.label ? -1 : 1
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
  const events = new Map<number, Stored>()
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
      const id = events.size + 1
      events.set(id, new Stored(id, tenantId, settings))
      return id
    },
    now: () => now,
    async advance(seconds) {
      now = new Date(now.getTime() + seconds * 1000)
    },
    async execute(commands) {
      const asked = new Set(commands.flatMap((command) => keyOf(askedEventOf(command))))
      const existing = [...events].filter(
        ([id, { state }]) => asked.has(keyOf({ id, tenantId: state.tenantId })) && !state.isDeleted,
      )
      const states = existing.map(([id, event]) => [id, event.load(now)] as const)
      const state: State = { events: new Map(states), now }
      const { verdicts, facts, unsettled } = decide(state, commands)
      const isLeft = existing.filter(([id]) => unsettled.some((each) => each.id === id))
      bookingIds.nextBatch()
      entryIds.nextBatch()
      for (const [id, event] of existing) {
        event.commit(facts.filter(({ eventId }) => eventId === id).map(stored))
      }
      for (const [id, event] of isLeft) {
        const { status } = event.state.settings
        deepStrictEqual(status, 'cancelled', 'all is loaded, so nothing else is left')
        const left = decide({ events: new Map([[id, event.load(now)]]), now }, [])
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
      return event.look()
    },
  }
}

function keyOf(asked: AskedEvent | undefined): string {
  return JSON.stringify([asked?.id, asked?.tenantId])
}
