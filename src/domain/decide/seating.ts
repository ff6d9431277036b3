import type {
  ExpectedSeating,
  RemoveSeatingCommand,
  SetSeatingCommand,
} from '../commands/seating.ts'
import type { SeatingChanged } from '../facts.ts'
import type { EventSettings } from '../model.ts'
import { DONE, refuse, type Refused } from '../outcomes.ts'
import { replacementProblems } from '../seating/replacement.ts'
import type { Seating } from '../seating/seating.ts'
import type { EventState } from '../state.ts'
import type { Ledger } from './ledger.ts'
import { LATER, type Verdict } from './verdict.ts'

/** What it takes to compare a seat with those before, and to keep it, as multiples of a look of a search. */
const LOOKS_A_SEAT = 20

/** Numbers the seats of an event; only those that somebody has must stay. */
export function setSeating(
  ledger: Ledger,
  event: EventState,
  { seating, digest, expected = null }: SetSeatingCommand,
): Verdict {
  if (!isExpected(event, expected)) return refuse('seating_changed')
  if (digest === event.seatingDigest) return { kind: 'seating', digest }
  const refusal = refusalOfSections(seating, event.settings)
  if (refusal !== undefined) return refusal
  if (!mayRenumber(ledger, event, seating)) return LATER
  const obstacle = obstacleToRenumbering(event, seating)
  if (obstacle !== undefined) return obstacle
  renumber(ledger, event, { digest, seating })
  return { kind: 'seating', digest }
}

/** Takes the numbers of all seats away, where nobody has one that has a number. */
export function removeSeating(
  ledger: Ledger,
  event: EventState,
  { expected = null }: RemoveSeatingCommand,
): Verdict {
  if (event.seatingDigest === null) return refuse('seating_not_found')
  if (!isExpected(event, expected)) return refuse('seating_changed')
  if (!mayRenumber(ledger, event, null)) return LATER
  const obstacle = obstacleToRenumbering(event, null)
  if (obstacle !== undefined) return obstacle
  renumber(ledger, event, { digest: null, seating: null })
  return DONE
}

function isExpected({ seatingDigest }: EventState, expected: ExpectedSeating): boolean {
  if (expected === null) return true
  if (seatingDigest === null) return expected === 'none'
  return expected === 'some' || (expected !== 'none' && expected.includes(seatingDigest))
}

/** Whether the batch has time for that, which is counted; it is put off otherwise. */
function mayRenumber(ledger: Ledger, event: EventState, after: Seating | null): boolean {
  if (!ledger.maySearchFor('numbering')) {
    ledger.putOff(event)
    return false
  }
  const seats = (event.occupancy?.seating.count ?? 0) + (after?.count ?? 0)
  ledger.searchedFor('numbering', LOOKS_A_SEAT * seats)
  return true
}

/** Why the seats can't be numbered so, or not at all; undefined where they can. */
function obstacleToRenumbering(
  { occupancy, remainder }: EventState,
  after: Seating | null,
): Verdict | undefined {
  if (occupancy === null) return undefined
  const { seating: before } = occupancy
  const removed = replacementProblems(before, after, (label) => {
    const seat = before.seatAt(label)
    return seat !== undefined && !occupancy.isFree(seat)
  })
  if (removed === null) return undefined
  // A hold may have expired that this batch does not end.
  if (remainder.hasMoreExpired) return LATER
  return refuse('seats_taken', removed.count, { labelsTaken: removed.labels })
}

function renumber(
  ledger: Ledger,
  event: EventState,
  to: Pick<SeatingChanged, 'digest' | 'seating'>,
): void {
  const { totalSeats } = event.settings
  const seats = { seatsBefore: totalSeats, seatsAfter: totalSeats }
  ledger.record(event, { type: 'seating_changed', ...to, ...seats })
}

/** Why sections can't have the pools that they name; undefined where they can. */
export function refusalOfSections(
  { sections }: Seating,
  { pools }: Pick<EventSettings, 'pools'>,
): Refused | undefined {
  const keys = new Set(pools.map(({ key }) => key))
  for (const { key, pool } of sections) {
    if (pool !== null && !keys.has(pool)) return refuse('unknown_pool', undefined, { key, pool })
  }
  return undefined
}
