import { asksForView, type Command } from '../domain/commands.ts'
import type { Metadata } from '../domain/metadata.ts'
import type { Booking } from '../domain/model.ts'
import { detailsOf, NOTHING, type EventDetails } from './event-details.ts'
import { loadBookingsOf, loadNamedBookings } from './load-bookings.ts'
import { loadEndings } from './load-endings.ts'
import {
  loadExpiredBookings,
  loadExpiredHolds,
  loadExpiredSeats,
  type ExpiredBooking,
} from './load-expired.ts'
import { loadLines, type LoadedLines } from './load-line.ts'
import { loadSeats, NO_SEATS, type SeatsOfBatch } from './load-seats.ts'
import type { SeatsAtHand } from './seats-at-hand.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { arrayOf, groupByEvent, type Sql } from './rows.ts'

export interface Details {
  of(eventId: number): EventDetails
  /** Of the bookings that commands name those whose hold had expired. */
  readonly expired: ReadonlyMap<number, ExpiredBooking>
  /** Of events whose numbered seats the commands turn on. */
  readonly seats: SeatsOfBatch
}

export const NO_DETAILS: Details = { of: () => NOTHING, expired: new Map(), seats: NO_SEATS }

interface Subject {
  readonly events: readonly LockedEvent[]
  /** On these events, as their own tenants ask for them. */
  readonly commands: readonly Command[]
  readonly now: Date
  readonly maxSettled: number
  readonly seatsAtHand: SeatsAtHand
}

/** Reads what the rarer commands and rules turn on: bookings, expired holds, the waitlist. */
export async function loadDetails(tx: Sql, subject: Subject): Promise<Details> {
  const { events, commands, now, maxSettled, seatsAtHand } = subject
  const named = await loadNamedBookings(tx, commands)
  const lost = await loadExpiredBookings(tx, commands)
  const expired = await loadExpiredHolds(tx, events, commands, now, maxSettled)
  const endings = await loadEndings(tx, events, expired, maxSettled)
  const ending = [...expired.due.values(), ...endings.values()].flat()
  // What commands name has its metadata too, and comes last: of two rows of a booking that one counts.
  const bookings = groupByEvent([...ending, ...named])
  const again = takenAgain(lost, commands)
  const lines = await loadLines(tx, { events, commands, bookings, again, maxSettled })
  const ofLine = groupByEvent(await loadBookingsOf(tx, [...usersInFront(lines), ...again]))
  const seats = await loadSeats(tx, events, commands, seatsAtHand, { fronts: lines.fronts, again })
  const viewed = viewedEvents(commands)
  const metadata = await loadMetadata(tx, viewed)
  const expiredSeats = await loadExpiredSeats(
    tx,
    viewed.filter((id) => expired.more.has(id)),
    now,
  )
  const loaded = { bookings, ofLine, lines, metadata, expired, endings, expiredSeats, now }
  return { of: (id) => detailsOf(id, loaded), expired: lost, seats }
}

/** Of those who can be served: nobody is booked twice. */
function usersInFront({ fronts, full }: LoadedLines): { eventId: number; userId: string }[] {
  const entries = [...fronts].flatMap(([id, front]) => (full.has(id) ? [] : front))
  return entries.map(({ event_id, user_id }) => ({ eventId: event_id, userId: user_id }))
}

/** Whose seats are to be taken again: their users may have other bookings by now, and others the seats. */
function takenAgain(
  lost: ReadonlyMap<number, ExpiredBooking>,
  commands: readonly Command[],
): Booking[] {
  return commands.flatMap((command) => {
    if (command.type !== 'confirm' || command.reacquire !== true) return []
    return lost.get(command.bookingId)?.booking ?? []
  })
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
