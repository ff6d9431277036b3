import type { Command } from '../../src/domain/commands.ts'
import { asksForView } from '../../src/domain/commands.ts'
import type { Booking, WaitlistEntry } from '../../src/domain/model.ts'
import { isExpired } from '../../src/domain/policy.ts'
import { NO_REMAINDER, type EventState } from '../../src/domain/state.ts'
import { byExpiry, byId, seatsOf, usersOf } from '../helpers/state.ts'
import { copyOf } from './tables.ts'

// What a batch is given of an event. The second is what src/store/load-state.ts does in SQL.

/** Everything: no work is left to another batch. */
export function loadWhole(event: EventState, now: Date): EventState {
  const due = expiredAt(event, now).map(({ id }) => id)
  return { ...copyOf(event), remainder: { ...NO_REMAINDER, dueBookingIds: due } }
}

/** As much as settles that many holds and waitlist entries, and what the commands name. */
export function loadPiece(
  event: EventState,
  commands: readonly Command[],
  now: Date,
  maxSettled: number,
): EventState {
  const expired = expiredAt(event, now)
  const users = usersOf(commands.filter((command) => 'userId' in command))
  const named = namedIn(commands)
  const known = [...event.bookings.values()].filter(
    ({ id, userId, expiresAt }) =>
      named.bookings.has(id) || (users.has(userId) && isExpired({ expiresAt }, now)),
  )
  const ending = unique([...expired.slice(0, maxSettled), ...known])
  const line = lineIn(event, commands, ending, maxSettled)
  const bookings = unique([...ending, ...bookingsOf(event, usersOf(line.front))])
  const due = bookings.filter((booking) => isExpired(booking, now)).sort(byExpiry)
  const hasMoreExpired = expired.length > maxSettled
  const isViewed = commands.some(asksForView)
  return {
    ...copyOf(event),
    bookings: byId(bookings),
    bookedUsers: usersOf([...bookingsOf(event, users), ...bookings]),
    expiredHolds: new Map([...event.expiredHolds].filter(([id]) => named.bookings.has(id))),
    line: byId(line.front),
    entriesBehind: byId(line.behind),
    waitingUsers: intersection(event.waitingUsers, users),
    remainder: {
      dueBookingIds: due.map(({ id }) => id),
      hasMoreExpired,
      moreExpiredSeats: hasMoreExpired && isViewed ? seatsOf(expired) - seatsOf(due) : 0,
      largestEntry: line.largest,
    },
  }
}

interface PartOfLine {
  readonly front: readonly WaitlistEntry[]
  readonly behind: readonly WaitlistEntry[]
  readonly largest: WaitlistEntry | null
}

function lineIn(
  event: EventState,
  commands: readonly Command[],
  ending: readonly Booking[],
  maxSettled: number,
): PartOfLine {
  const entries = [...event.line.values()]
  const capacities = commands.flatMap((command) =>
    command.type === 'change_event' ? (command.changes.totalSeats ?? []) : [],
  )
  const leaving = namedIn(commands).entries
  const free = Math.max(event.settings.totalSeats, ...capacities) - event.takenSeats
  const places = free + seatsOf(ending) + leaving.size + 1
  const front = entries.slice(0, Math.min(places, maxSettled))
  const largest =
    capacities.length === 0
      ? null
      : entries.reduce<WaitlistEntry | null>(
          (most, each) => (most === null || each.seats > most.seats ? each : most),
          null,
        )
  const behind = entries
    .slice(front.length)
    .filter((entry) => leaving.has(entry.id) || entry === largest)
  return { front, behind, largest }
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

function bookingsOf(event: EventState, users: ReadonlySet<string>): Booking[] {
  return [...event.bookings.values()].filter(({ userId }) => users.has(userId))
}

function unique(bookings: readonly Booking[]): Booking[] {
  return [...byId(bookings).values()]
}

function intersection<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> {
  return new Set([...a].filter((item) => b.has(item)))
}
