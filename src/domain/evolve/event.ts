import type { EventCreated, EventFact, SeatingChanged, SeatsBlocked } from '../facts.ts'
import { DEFAULT_SETTINGS } from '../policy.ts'
import { Occupancy } from '../seating/occupancy.ts'
import { isLineWhole, newEventState, type EventState } from '../state.ts'
import { WaitingKinds } from '../waiting-kinds.ts'

/** An id may come again after `TRUNCATE … RESTART IDENTITY`: its history goes on with a new event. */
export function createdBy(fact: EventCreated): EventState {
  const { eventId, tenantId, settings, seatsAfter: totalSeats } = fact
  const state = newEventState(
    eventId,
    tenantId,
    settings ?? { ...DEFAULT_SETTINGS, name: '', totalSeats },
  )
  tellKindsApart(state)
  return state
}

/** With the first pool of an event its line becomes one in which some may overtake others. */
function tellKindsApart(state: EventState): void {
  if (state.kinds !== null || state.settings.pools.length === 0) return
  if (isLineWhole(state)) state.kinds = new WaitingKinds(state.line.values())
}

/** Applies what has happened to the event itself, or to the numbers of its seats. */
export function applyToEvent(state: EventState, fact: EventFact): void {
  switch (fact.type) {
    case 'event_created':
      return
    case 'settings_changed':
      state.settings = { ...state.settings, ...fact.settings }
      tellKindsApart(state)
      return
    case 'capacity_changed':
      state.settings = { ...state.settings, totalSeats: fact.seatsAfter }
      return
    case 'event_deleted':
      state.isDeleted = true
      return
    case 'seating_changed':
      renumber(state, fact)
      return
    case 'seats_blocked':
      blockSeats(state, fact, 1)
      return
    case 'seats_unblocked':
      blockSeats(state, fact, -1)
  }
}

function renumber(state: EventState, { digest, seating }: SeatingChanged): void {
  state.seatingDigest = digest
  if (digest === null) state.occupancy = null
  if (seating === null) return
  state.occupancy = new Occupancy(seating, state.occupancy?.takenLabels() ?? [])
}

function blockSeats(state: EventState, { labels, pool }: SeatsBlocked, sign: 1 | -1): void {
  state.blockedSeats += sign * labels.length
  if (pool !== null) {
    const { poolsBlocked } = state
    poolsBlocked.set(pool, (poolsBlocked.get(pool) ?? 0) + sign * labels.length)
  }
  for (const label of labels) {
    if (sign === 1) state.blocked.set(label, pool)
    else state.blocked.delete(label)
  }
  if (sign === 1) state.occupancy?.take(labels)
  else state.occupancy?.giveBack(labels)
}
