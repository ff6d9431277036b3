import { asksForView, type Command } from '../domain/commands.ts'
import type { Booking, EventSettings, WaitlistEntry } from '../domain/model.ts'
import { isExpired } from '../domain/policy.ts'
import { NO_REMAINDER, type Remainder } from '../domain/state.ts'
import {
  loadBookingsOf,
  loadExpiredHolds,
  loadExpiredIds,
  loadExpiredSeats,
  loadNamedBookings,
  type ExpiredHolds,
} from './load-bookings.ts'
import { loadLines, type LoadedLines } from './load-line.ts'
import type { LockedEvent } from './lock-and-load.ts'
import {
  arrayOf,
  bookingOf,
  entryOf,
  groupByEvent,
  type BookingRow,
  type EntryRow,
  type Sql,
} from './rows.ts'

type Metadata = EventSettings['metadata']

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
  /** Entries behind the front that commands turn on. */
  readonly behind: readonly WaitlistEntry[]
  /** Who is in line, of those whom commands name. */
  readonly waitingUsers: readonly string[]
  /** Users in the front who are booked all the same: by somebody who wrote past the service. */
  readonly bookedUsers: readonly string[]
}

export interface Details {
  of(eventId: number): EventDetails
  readonly expiredBookingIds: readonly number[]
}

const NOTHING: EventDetails = {
  bookings: [],
  line: { front: [], isWhole: true, behind: [], waitingUsers: [], bookedUsers: [] },
  metadata: {},
  remainder: NO_REMAINDER,
}

export const NO_DETAILS: Details = { of: () => NOTHING, expiredBookingIds: [] }

interface Subject {
  readonly events: readonly LockedEvent[]
  readonly commands: readonly Command[]
  readonly now: Date
  readonly maxSettled: number
}

/** Reads what the rarer commands and rules turn on: bookings, expired holds, the waitlist. */
export async function loadDetails(tx: Sql, subject: Subject): Promise<Details> {
  const { events, commands, now, maxSettled } = subject
  const named = await loadNamedBookings(tx, commands)
  const expiredBookingIds = await loadExpiredIds(tx, commands)
  const expired = await loadExpiredHolds(tx, events, commands, now, maxSettled)
  const ending = [...expired.due.values()].flat()
  const bookings = groupByEvent([...named, ...ending])
  const lines = await loadLines(tx, { events, commands, bookings, maxSettled })
  const ofLine = groupByEvent(await loadBookingsOf(tx, usersInFront(lines)))
  const viewed = viewedEvents(commands)
  const metadata = await loadMetadata(tx, viewed)
  const expiredSeats = await loadExpiredSeats(
    tx,
    viewed.filter((id) => expired.more.has(id)),
    now,
  )
  return {
    of: (id) => {
      const all = unique([...(bookings.get(id) ?? []), ...(ofLine.get(id) ?? [])])
      return {
        bookings: all,
        line: lineOf(id, lines, ofLine.get(id) ?? []),
        metadata: metadata.get(id) ?? {},
        remainder: remainderOf(id, all, expired, lines, expiredSeats, now),
      }
    },
    expiredBookingIds,
  }
}

function unique(rows: readonly BookingRow[]): Booking[] {
  return [...new Map(rows.map((row) => [row.id, bookingOf(row)])).values()]
}

function usersInFront({ fronts }: LoadedLines): { eventId: number; userId: string }[] {
  const entries = [...fronts.values()].flat()
  return entries.map(({ event_id, user_id }) => ({ eventId: event_id, userId: user_id }))
}

function lineOf(id: number, lines: LoadedLines, ofLine: readonly BookingRow[]): Line {
  const front = (lines.fronts.get(id) ?? []).map(entryOf)
  const inFront = new Set(front.map((entry) => entry.id))
  const others: EntryRow[] = [...(lines.named.get(id) ?? []), ...(lines.largest.get(id) ?? [])]
  return {
    front,
    isWhole: lines.whole.has(id) || !lines.fronts.has(id),
    behind: others.map(entryOf).filter((entry) => !inFront.has(entry.id)),
    waitingUsers: (lines.ofUsers.get(id) ?? []).map(({ user_id }) => user_id),
    bookedUsers: ofLine.map(({ user_id }) => user_id),
  }
}

function remainderOf(
  id: number,
  bookings: readonly Booking[],
  { more }: ExpiredHolds,
  lines: LoadedLines,
  expiredSeats: ReadonlyMap<number, number>,
  now: Date,
): Remainder {
  const due = bookings.filter((booking) => isExpired(booking, now)).sort(byExpiry)
  const [largest] = lines.largest.get(id) ?? []
  const seatsDue = due.reduce((sum, { seats }) => sum + seats, 0)
  return {
    dueBookingIds: due.map((booking) => booking.id),
    hasMoreExpired: more.has(id),
    moreExpiredSeats: Math.max(0, (expiredSeats.get(id) ?? 0) - seatsDue),
    largestEntry: largest === undefined ? null : entryOf(largest),
  }
}

async function loadMetadata(tx: Sql, eventIds: readonly number[]): Promise<Map<number, Metadata>> {
  if (eventIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: number; metadata: Metadata }[]>`
    SELECT id, metadata FROM events WHERE id = ANY(${arrayOf(eventIds)}::text::int[])`
  return new Map(rows.map(({ id, metadata }) => [id, metadata]))
}

/** The events of which commands ask for a view. */
function viewedEvents(commands: readonly Command[]): number[] {
  return commands.flatMap((command) =>
    asksForView(command) && 'eventId' in command ? command.eventId : [],
  )
}

function byExpiry(a: Booking, b: Booking): number {
  return (a.expiresAt?.getTime() ?? 0) - (b.expiresAt?.getTime() ?? 0) || a.id - b.id
}
