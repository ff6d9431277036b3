import type { Fact } from '../../domain/facts.ts'
import { rowOfFact } from '../fact-rows.ts'
import { arrayOf } from '../rows.ts'
import type { CreatedEvent } from './events.ts'
import type { LeftBookings } from './left.ts'
import { moreOf, type More } from './more-columns.ts'
import { realId, type NewIds } from './new-ids.ts'

/**
 * Facts in one row of the history, at the most: a page of it reads few rows, but whole ones. Longer
 * runs are parted.
 */
const MAX_FACTS_PER_ROW = 500

/** Of facts, each in its place, for a statement: what it says, its row, its event, its number. */
export interface HistoryColumns {
  readonly facts: string
  readonly rows: string
  readonly eventIds: string
  readonly tenantIds: string
  readonly sequences: string
  /** Where the id of the new booking that it names stands among those that are drawn. */
  readonly newBookings: string
}

/** Of new bookings that are left there, for a statement. */
export interface BookingColumns {
  /** How many ids are drawn: histories and answers also name those that have ended already. */
  readonly count: number
  /** Where the id of each stands among those that are drawn, from 1. */
  readonly places: string
  readonly eventIds: string
  readonly tenantIds: string
  readonly userIds: string
  readonly seats: string
  readonly expiries: string
  readonly more: More
}

export function historyColumns(
  facts: readonly Fact[],
  created: readonly CreatedEvent[],
  { eventIds, entryIds }: Pick<NewIds, 'eventIds' | 'entryIds'>,
): HistoryColumns {
  const rows = rowNumbers(facts)
  const sequences = facts.map(({ eventId, sequence }) =>
    eventId > 0 ? sequence : sequence + (created[-eventId - 1]?.lastSequence ?? 0),
  )
  return {
    facts: JSON.stringify(facts.map((fact) => rowOfFact(fact, entryIds))),
    rows: arrayOf(rows),
    eventIds: arrayOf(facts.map(({ eventId }) => realId(eventId, eventIds))),
    tenantIds: tenantsOf(facts),
    sequences: arrayOf(sequences),
    newBookings: arrayOf(
      facts.map((fact) => ('bookingId' in fact ? placeOf(fact.bookingId) : null)),
    ),
  }
}

/** For each fact the row of the history that it goes to: those of an event together. */
function rowNumbers(facts: readonly Fact[]): number[] {
  const current = new Map<number, { row: number; length: number }>()
  let rows = 0
  return facts.map(({ eventId }) => {
    let run = current.get(eventId)
    if (run === undefined || run.length === MAX_FACTS_PER_ROW) {
      run = { row: (rows += 1), length: 0 }
      current.set(eventId, run)
    }
    run.length += 1
    return run.row
  })
}

/** Where the id of a new booking stands among those that are drawn, from 1; null for other ids. */
function placeOf(id: number): number | null {
  return id > 0 ? null : -id
}

export function bookingColumns(
  { made, madeCount }: Pick<LeftBookings, 'made' | 'madeCount'>,
  eventIds: readonly number[],
): BookingColumns {
  return {
    count: madeCount,
    places: arrayOf(made.map(({ bookingId }) => -bookingId)),
    eventIds: arrayOf(made.map(({ eventId }) => realId(eventId, eventIds))),
    tenantIds: tenantsOf(made),
    userIds: JSON.stringify(made.map(({ userId }) => userId)),
    seats: arrayOf(made.map(({ seatsAfter }) => seatsAfter)),
    expiries: arrayOf(made.map(({ expiresAt }) => expiresAt && expiresAt.getTime() / 1000)),
    more: moreOf(made),
  }
}

function tenantsOf(facts: readonly Fact[]): string {
  return JSON.stringify(facts.map(({ tenantId }) => tenantId))
}
