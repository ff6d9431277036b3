import { deepStrictEqual } from 'node:assert/strict'
import { evolve } from '../../src/domain/evolve.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { newEventState, type EventState } from '../../src/domain/state.ts'
import { rowOfFact } from '../../src/store/fact-rows.ts'
import { rowsOfLines } from '../../src/store/offer.ts'
import { settingsColumns } from '../../src/store/settings-rows.ts'
import { loadWhole } from '../domain/load.ts'
import { labelsOf } from './replay-room.ts'
import type { HistorySeen, Snapshot } from './snapshot.ts'

/** An event as the tables hold it, changed by facts alone. */
export class Stored {
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
