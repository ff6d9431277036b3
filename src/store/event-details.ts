import type { Metadata } from '../domain/metadata.ts'
import type { Booking, WaitlistEntry } from '../domain/model.ts'
import { isExpired } from '../domain/policy.ts'
import { NO_REMAINDER, type Remainder } from '../domain/state.ts'
import { claimOf } from '../domain/claim.ts'
import { WaitingKinds } from '../domain/waiting-kinds.ts'
import type { ExpiredHolds, ExpiredSeats } from './load-expired.ts'
import type { LoadedLines } from './load-line.ts'
import { bookingOf, entryOf, type BookingRow, type EntryRow } from './rows.ts'

export interface EventDetails {
  readonly bookings: readonly Booking[]
  readonly line: Line
  /** `{}` where no command asks for a view. */
  readonly metadata: Metadata
  readonly remainder: Remainder
}

interface Line {
  /** The first in line, in order. */
  readonly front: readonly WaitlistEntry[]
  /** Whether that is all of it. */
  readonly isWhole: boolean
  /** Of an event with pools, what they wait for; null of others. */
  readonly kinds: WaitingKinds | null
  /** Entries behind the front that commands turn on. */
  readonly behind: readonly WaitlistEntry[]
  /** Who is in line, of those whom commands name. */
  readonly waitingUsers: readonly string[]
  /** Users in the front who are booked all the same: by somebody who wrote past the service. */
  readonly bookedUsers: readonly string[]
}

export const NOTHING: EventDetails = {
  bookings: [],
  line: {
    front: [],
    isWhole: true,
    kinds: null,
    behind: [],
    waitingUsers: [],
    bookedUsers: [],
  },
  metadata: {},
  remainder: NO_REMAINDER,
}

/** What was read for a batch, by event. */
export interface Loaded {
  /** Those that commands name, or that end. */
  readonly bookings: ReadonlyMap<number, readonly BookingRow[]>
  /** Those of users in the front of the line. */
  readonly ofLine: ReadonlyMap<number, readonly BookingRow[]>
  readonly lines: LoadedLines
  readonly metadata: ReadonlyMap<number, Metadata>
  readonly expired: ExpiredHolds
  /** Those that end because their event is cancelled. */
  readonly endings: ReadonlyMap<number, readonly BookingRow[]>
  /** Of all expired holds, where there are more than were read. */
  readonly expiredSeats: ReadonlyMap<number, ExpiredSeats>
  readonly now: Date
}

/** Puts together what was read of one event. */
export function detailsOf(id: number, loaded: Loaded): EventDetails {
  const ofLine = loaded.ofLine.get(id) ?? []
  const bookings = unique([...ofLine, ...(loaded.bookings.get(id) ?? [])])
  return {
    bookings,
    line: lineOf(id, loaded.lines, ofLine),
    metadata: loaded.metadata.get(id) ?? {},
    remainder: remainderOf(id, bookings, loaded),
  }
}

function unique(rows: readonly BookingRow[]): Booking[] {
  return [...new Map(rows.map((row) => [row.id, bookingOf(row)])).values()]
}

function lineOf(id: number, lines: LoadedLines, ofLine: readonly BookingRow[]): Line {
  const front = (lines.fronts.get(id) ?? []).map(entryOf)
  const loadedUpTo = lines.loadedUpTo.get(id)
  const inFront = new Set(front.map((entry) => entry.id))
  const others: EntryRow[] = [...(lines.named.get(id) ?? []), ...(lines.largest.get(id) ?? [])]
  return {
    front,
    isWhole: lines.whole.has(id) || !lines.fronts.has(id),
    kinds: loadedUpTo === undefined ? null : new WaitingKinds(front, loadedUpTo),
    behind: others.map(entryOf).filter((entry) => !inFront.has(entry.id)),
    waitingUsers: (lines.ofUsers.get(id) ?? []).map(({ user_id }) => user_id),
    bookedUsers: ofLine.map(({ user_id }) => user_id),
  }
}

function remainderOf(
  id: number,
  bookings: readonly Booking[],
  { expired, endings, lines, expiredSeats, now }: Loaded,
): Remainder {
  const due = bookings.filter((booking) => isExpired(booking, now)).sort(byExpiry)
  const [largest] = lines.largest.get(id) ?? []
  const seatsDue = due.reduce((sum, { seats }) => sum + seats, 0)
  const ofAll = expiredSeats.get(id)
  return {
    dueBookingIds: due.map((booking) => booking.id),
    hasMoreExpired: expired.more.has(id),
    moreExpiredSeats: Math.max(0, (ofAll?.seats ?? 0) - seatsDue),
    moreExpiredOfPools: ofAll === undefined ? new Map() : without(ofAll.ofPools, due),
    largestEntry: largest === undefined ? null : entryOf(largest),
    endingBookingIds: endings.get(id)?.map((row) => Number(row.id)) ?? null,
  }
}

/** What is left of seats by their pools without those of some bookings. */
function without(
  ofPools: ReadonlyMap<string, number>,
  bookings: readonly Booking[],
): Map<string, number> {
  const left = new Map(ofPools)
  for (const { lines } of bookings) {
    for (const [pool, seats] of claimOf(lines)) left.set(pool, (left.get(pool) ?? 0) - seats)
  }
  return left
}

function byExpiry(a: Booking, b: Booking): number {
  return (a.expiresAt?.getTime() ?? 0) - (b.expiresAt?.getTime() ?? 0) || a.id - b.id
}
