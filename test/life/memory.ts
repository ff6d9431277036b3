import { deepStrictEqual, ok } from 'node:assert/strict'
import { askedEventOf, type AskedEvent } from '../../src/domain/commands.ts'
import { decide, LATER } from '../../src/domain/decide/decide.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { State } from '../../src/domain/state.ts'
import type { System } from './follow.ts'
import { Stored } from './stored.ts'

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
