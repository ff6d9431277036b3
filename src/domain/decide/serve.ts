import type { WaitlistEntry } from '../model.ts'
import { freeSeatsOf, freeSeatsOfPool } from '../capacity.ts'
import type { EventState } from '../state.ts'
import type { WaitingKind, WaitingKinds } from '../waiting-kinds.ts'
import { addBooking, leaveLine } from './changes.ts'
import type { Ledger } from './ledger.ts'
import { labelsIn, seatsForEntry } from './seats.ts'
import { LATER } from './verdict.ts'

/** What it costs to see whether somebody can be served, for each pool that they wait for, in looks at a seat. */
const LOOKS_AT_A_POOL = 15

/**
 * Serves the waitlist, as far as it is loaded. An entry is overtaken only by one that takes nothing
 * from a pool in which it lacks room. With one pool that is first come, first served: the first in
 * line is never overtaken, by no smaller party either.
 */
export function serveWaitlist(ledger: Ledger, event: EventState): void {
  // All keep their places while the event is not on sale.
  if (event.waitlistLength === 0 || event.settings.status !== 'on_sale') return
  if (event.kinds !== null) serveKinds(ledger, event, event.kinds)
  // Where pools are new, and not all are loaded who wait, nobody can tell yet who comes first.
  else if (event.settings.pools.length === 0) serveFront(ledger, event)
}

function serveFront(ledger: Ledger, event: EventState): void {
  for (let first = firstInLine(event); first !== undefined; first = firstInLine(event)) {
    // Booked by somebody who wrote past the service: nobody waits for what they have.
    if (event.bookedUsers.has(first.userId)) leaveLine(ledger, event, first)
    else if (first.seats > freeSeatsOf(event)) return
    else if (!promote(ledger, event, first)) return
  }
}

function firstInLine({ line }: EventState): WaitlistEntry | undefined {
  for (const entry of line.values()) return entry
  return undefined
}

function serveKinds(ledger: Ledger, event: EventState, kinds: WaitingKinds): void {
  if (freeSeatsOf(event) <= 0) return
  if (!ledger.maySearchFor('line')) {
    ledger.leaveUnserved(event)
    return
  }
  const passedOver = new PassedOver()
  for (const entry of event.line.values()) {
    // Each takes a seat of the event at least.
    if (freeSeatsOf(event) <= 0) return
    // New ones are behind all others.
    const place = entry.id > 0 ? entry.id : Infinity
    if (place > kinds.horizon) return
    const kind = kinds.of(entry)
    const isPassedOver = passedOver.has(kind)
    ledger.searchedFor('line', LOOKS_AT_A_POOL * (isPassedOver ? 1 : 1 + kind.claim.size))
    if (event.bookedUsers.has(entry.userId)) leaveLine(ledger, event, entry)
    else if (isPassedOver) continue
    else if (passedOver.leaveRoomFor(event, kind)) {
      if (!promote(ledger, event, entry)) return
    } else passedOver.add(kind)
  }
}

/** Those who stay in line while it is served: what is free becomes less meanwhile, and no more. */
class PassedOver {
  readonly #kinds = new Set<WaitingKind>()
  /** What one of them needs at the most. */
  #seats = 0
  readonly #ofPools = new Map<string, number>()

  has(kind: WaitingKind): boolean {
    return this.#kinds.has(kind)
  }

  add(kind: WaitingKind): void {
    this.#kinds.add(kind)
    this.#seats = Math.max(this.#seats, kind.seats)
    for (const [pool, wanted] of kind.claim) {
      this.#ofPools.set(pool, Math.max(wanted, this.#ofPools.get(pool) ?? 0))
    }
  }

  /** Whether there is room for one of a kind, and for each of these in all that it takes from. */
  leaveRoomFor(event: EventState, { seats, claim }: WaitingKind): boolean {
    if (Math.max(seats, this.#seats) > freeSeatsOf(event)) return false
    for (const [pool, wanted] of claim) {
      const most = Math.max(wanted, this.#ofPools.get(pool) ?? 0)
      if (most > freeSeatsOfPool(event, pool)) return false
    }
    return true
  }
}

/** @returns whether it is done: the next batch goes on where it is not */
function promote(ledger: Ledger, event: EventState, entry: WaitlistEntry): boolean {
  const { id: waitlistEntryId, userId, seats, metadata } = entry
  const given = seatsForEntry(ledger, event, entry)
  if (given === LATER) {
    ledger.leaveUnserved(event)
    return false
  }
  const { lines } = given
  ledger.gaveSeats(labelsIn(given).length)
  const status = event.settings.waitlistPromotesTo
  const made = {
    type: 'promoted',
    userId,
    seats,
    lines,
    status,
    waitlistEntryId,
    metadata,
  } as const
  addBooking(ledger, event, made)
  return true
}
