import { claimOf, kindOf } from '../../src/domain/claim.ts'
import type { Command } from '../../src/domain/commands.ts'
import { asksForView } from '../../src/domain/commands.ts'
import type { Booking, WaitlistEntry } from '../../src/domain/model.ts'
import { isExpired } from '../../src/domain/policy.ts'
import { NO_REMAINDER, type EventState } from '../../src/domain/state.ts'
import { WaitingKinds } from '../../src/domain/waiting-kinds.ts'
import { byExpiry, byId, seatsOf, usersOf } from '../helpers/state.ts'
import { copyOf } from './tables.ts'

// What a batch is given of an event. The second is what src/store/load-state.ts does in SQL.

/** Everything: no work is left to another batch. */
export function loadWhole(event: EventState, now: Date): EventState {
  const dueBookingIds = expiredAt(event, now).map(({ id }) => id)
  const endingBookingIds = isCancelled(event) ? [...event.bookings.keys()] : null
  const { pools } = event.settings
  return {
    ...copyOf(event),
    kinds: pools.length === 0 ? null : new WaitingKinds(event.line.values()),
    remainder: { ...NO_REMAINDER, dueBookingIds, endingBookingIds },
  }
}

/** As much as settles that many holds and waitlist entries, and what the commands name. */
export function loadPiece(
  event: EventState,
  commands: readonly Command[],
  now: Date,
  maxSettled: number,
): EventState {
  const expired = expiredAt(event, now)
  const again = commands.flatMap((command) =>
    command.type === 'confirm' && command.reacquire === true
      ? (event.expiredBookings.get(command.bookingId) ?? [])
      : [],
  )
  const users = usersOf([...commands.filter((command) => 'userId' in command), ...again])
  const cancelling = usersOf(commands.filter((command) => command.type === 'cancel_of_user'))
  const named = namedIn(commands)
  const known = [...event.bookings.values()].filter(
    ({ id, userId, expiresAt }) =>
      named.bookings.has(id) ||
      cancelling.has(userId) ||
      (users.has(userId) && isExpired({ expiresAt }, now)),
  )
  const endings = isCancelled(event) ? endingsOf(event, expired, maxSettled) : []
  const ending = unique([...expired.slice(0, maxSettled), ...known, ...endings])
  const line = lineIn(event, commands, ending, usersOf(again), maxSettled)
  const bookings = unique([...ending, ...bookingsOf(event, usersOf(line.front))])
  const due = bookings.filter((booking) => isExpired(booking, now)).sort(byExpiry)
  const hasMoreExpired = expired.length > maxSettled
  const isViewed = commands.some(asksForView)
  return {
    ...copyOf(event),
    bookings: byId(bookings),
    bookedUsers: usersOf([...bookingsOf(event, users), ...bookings]),
    expiredHolds: new Map([...event.expiredHolds].filter(([id]) => named.bookings.has(id))),
    expiredBookings: new Map([...event.expiredBookings].filter(([id]) => named.bookings.has(id))),
    line: byId(line.front),
    entriesBehind: byId(line.behind),
    kinds: line.kinds,
    waitingUsers: intersection(event.waitingUsers, users),
    remainder: {
      dueBookingIds: due.map(({ id }) => id),
      hasMoreExpired,
      moreExpiredSeats: hasMoreExpired && isViewed ? seatsOf(expired) - seatsOf(due) : 0,
      moreExpiredOfPools: hasMoreExpired && isViewed ? leftOfPools(expired, due) : new Map(),
      largestEntry: line.largest,
      endingBookingIds: isCancelled(event) ? endings.map(({ id }) => id) : null,
    },
  }
}

/** What holds have taken of each pool that have expired, and do not end in this batch. */
function leftOfPools(expired: readonly Booking[], due: readonly Booking[]): Map<string, number> {
  const left = new Map<string, number>()
  for (const booking of expired.filter(({ id }) => !due.some((each) => each.id === id))) {
    for (const [pool, seats] of claimOf(booking.lines)) {
      left.set(pool, (left.get(pool) ?? 0) + seats)
    }
  }
  return left
}

interface PartOfLine {
  readonly front: readonly WaitlistEntry[]
  readonly behind: readonly WaitlistEntry[]
  readonly largest: WaitlistEntry | null
  readonly kinds: WaitingKinds | null
}

function lineIn(
  event: EventState,
  commands: readonly Command[],
  ending: readonly Booking[],
  again: ReadonlySet<string>,
  maxSettled: number,
): PartOfLine {
  if (event.settings.pools.length > 0) return firstOfKinds(event, commands, again, maxSettled)
  const entries = [...event.line.values()]
  const capacities = commands.flatMap((command) =>
    command.type === 'change_event' ? (command.changes.totalSeats ?? []) : [],
  )
  const leaving = namedIn(commands).entries
  const free = Math.max(event.settings.totalSeats, ...capacities) - event.takenSeats
  const places = free + seatsOf(ending) + leaving.size + 1
  const front = entries.slice(0, isCancelled(event) ? maxSettled : Math.min(places, maxSettled))
  const largest =
    capacities.length === 0 && !commands.some(({ type }) => type === 'block_seats')
      ? null
      : entries.reduce<WaitlistEntry | null>(
          (most, each) => (most === null || each.seats > most.seats ? each : most),
          null,
        )
  const behind = entries
    .slice(front.length)
    .filter((entry) => leaving.has(entry.id) || again.has(entry.userId) || entry === largest)
  return { front, behind, largest, kinds: null }
}

function firstOfKinds(
  event: EventState,
  commands: readonly Command[],
  again: ReadonlySet<string>,
  ofEach: number,
): PartOfLine {
  const kinds = new Map<string, WaitlistEntry[]>()
  for (const entry of event.line.values()) {
    kinds.set(kindOf(entry), [...(kinds.get(kindOf(entry)) ?? []), entry])
  }
  const longer = [...kinds].filter(([, entries]) => entries.length > ofEach)
  const loadedUpTo = longer.map(([kind, entries]) => [kind, entries[ofEach - 1]?.id ?? 0] as const)
  const isFirst = (entry: WaitlistEntry): boolean =>
    (kinds.get(kindOf(entry)) ?? []).slice(0, ofEach).includes(entry)
  const entries = [...event.line.values()]
  const front = entries.filter(isFirst)
  const leaving = namedIn(commands).entries
  const reserves = usersOf(commands.filter((command) => command.type === 'reserve'))
  const reserving = new Set([...reserves, ...again])
  const behind = entries
    .filter(({ id, userId }) => leaving.has(id) || reserving.has(userId))
    .filter((entry) => !isFirst(entry))
  return { front, behind, largest: null, kinds: new WaitingKinds(front, new Map(loadedUpTo)) }
}

function namedIn(commands: readonly Command[]): { bookings: Set<number>; entries: Set<number> } {
  return {
    bookings: new Set(commands.flatMap((each) => ('bookingId' in each ? each.bookingId : []))),
    entries: new Set(commands.flatMap((each) => ('entryId' in each ? each.entryId : []))),
  }
}

function expiredAt(event: EventState, now: Date): Booking[] {
  return [...event.bookings.values()].filter((each) => isExpired(each, now)).sort(byExpiry)
}

function isCancelled({ settings }: EventState): boolean {
  return settings.status === 'cancelled'
}

function endingsOf({ bookings }: EventState, expired: readonly Booking[], max: number): Booking[] {
  const byUser = [...bookings.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1))
  return byUser.slice(0, Math.max(1, max - Math.min(expired.length, max)))
}

function bookingsOf(event: EventState, users: ReadonlySet<string>): Booking[] {
  return [...event.bookings.values()].filter(({ userId }) => users.has(userId))
}

function unique(bookings: readonly Booking[]): Booking[] {
  return [...byId(bookings).values()]
}

function intersection<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> {
  return new Set([...a].filter((item) => b.has(item)))
}
