import { claimOf, type Claim } from '../claim.ts'
import type { WaitlistEntry } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { freeSeatsOf, freeSeatsOfPool } from '../capacity.ts'
import type { EventState } from '../state.ts'
import { WaitingKinds } from '../waiting-kinds.ts'
import type { Ledger } from './ledger.ts'
import type { Seats } from './lines.ts'
import { isUnsettled } from './settle.ts'
import { LATER, type Verdict } from './verdict.ts'

/** What is to be taken of an event. */
export interface Need {
  readonly seats: number
  readonly claim: Claim
}

/** What seats come to. */
export function needOf({ seats, lines }: Seats): Need {
  return { seats, claim: claimOf(lines) }
}

/** Where there is no room: in which pool, and why. */
export interface Shortage {
  /** Null for the seats of the event. */
  readonly pool: string | null
  readonly available: number
  /** Entries of the event's line; 0 where none of them takes from the pool. */
  readonly waitingBefore: number
}

/**
 * Free seats are for those who wait, and for those who asked before and were put off: newcomers, and
 * bookings that grow, do not overtake them, but where they take nothing from a pool in which one of
 * those lacks room; nor from one of those who are to be served in the next batch.
 *
 * @param place - in line, which is given up for it
 * @returns undefined where there is room
 */
export function shortageOf(
  ledger: Ledger,
  event: EventState,
  need: Need,
  place?: WaitlistEntry,
): Shortage | undefined {
  const waitingBefore = event.waitlistLength - (place === undefined ? 0 : 1)
  const isOpen = waitingBefore === 0 || event.kinds !== null
  const available = freeSeatsOf(event)
  if (!isOpen || ledger.hasPutOff(event) || need.seats > available) {
    return { pool: null, available, waitingBefore }
  }
  return shortageOfPools(event, need, waitingBefore, place)
}

function shortageOfPools(
  event: EventState,
  { seats, claim }: Need,
  waitingBefore: number,
  place: WaitlistEntry | undefined,
): Shortage | undefined {
  const waiting = event.kinds ?? NOBODY
  const isKept = isKeptFrom(waiting)
  const available = freeSeatsOf(event)
  // What takes no seat of the event, as where one type is changed for another, overtakes nobody there.
  if (seats > 0 && isKept(waiting.mostSeats(place), available)) {
    return { pool: null, available, waitingBefore }
  }
  for (const [pool, wanted] of claim) {
    const free = freeSeatsOfPool(event, pool)
    const most = waiting.mostOf(pool, place)
    if (wanted > free || isKept(most, free)) {
      return { pool, available: free, waitingBefore: most > 0 ? waitingBefore : 0 }
    }
  }
  return undefined
}

/**
 * Tells whether what is free of a pool is for those who wait, by what one of them needs of it at the most:
 * where one lacks room; and where more may come to be served than are known, all that they take from.
 */
function isKeptFrom(waiting: WaitingKinds): (most: number, free: number) => boolean {
  const isKnown = waiting.horizon === Infinity
  return (most, free) => most > (isKnown ? free : 0)
}

const NOBODY = new WaitingKinds()

/** Whether there may be room after the next batch, so that a refusal now could be wrong. */
export function mayFindRoom(ledger: Ledger, event: EventState, seats: number): boolean {
  if (event.remainder.hasMoreExpired) return true
  const isOpen = isUnsettled(event) || ledger.hasPutOff(event)
  if (!isOpen || event.kinds !== null || event.settings.pools.length > 0) return isOpen
  // Each of those who wait takes a seat at least.
  return freeSeatsOf(event) >= event.waitlistLength + seats
}

/** The refusal, unless there may be room after the next batch. */
export function putOffOrRefuse(
  ledger: Ledger,
  event: EventState,
  seats: number,
  refused: Refused,
): Verdict {
  return mayFindRoom(ledger, event, seats) ? putOff(ledger, event) : refused
}

/** Seats that come free are kept from those behind it. */
export function putOff(ledger: Ledger, event: EventState): Verdict {
  ledger.putOff(event)
  return LATER
}

/** What is said where there is no room. */
export function soldOut(shortage: Shortage): Refused {
  return refuse('sold_out', undefined, { ...shortage })
}
