import { asksForView, type Command } from '../domain/commands.ts'
import { detailsOf, NOTHING, type EventDetails, type Metadata } from './event-details.ts'
import {
  loadBookingsOf,
  loadExpiredHolds,
  loadExpiredOwners,
  loadExpiredSeats,
  loadNamedBookings,
} from './load-bookings.ts'
import { loadLines, type LoadedLines } from './load-line.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { arrayOf, groupByEvent, type Sql } from './rows.ts'

export interface Details {
  of(eventId: number): EventDetails
  /** Whose they were, of the bookings that commands name and whose hold had expired. */
  readonly expiredHolds: ReadonlyMap<number, string | null>
}

export const NO_DETAILS: Details = { of: () => NOTHING, expiredHolds: new Map() }

interface Subject {
  readonly events: readonly LockedEvent[]
  /** On these events, as their own tenants ask for them. */
  readonly commands: readonly Command[]
  readonly now: Date
  readonly maxSettled: number
}

/** Reads what the rarer commands and rules turn on: bookings, expired holds, the waitlist. */
export async function loadDetails(tx: Sql, subject: Subject): Promise<Details> {
  const { events, commands, now, maxSettled } = subject
  const named = await loadNamedBookings(tx, commands)
  const expiredHolds = await loadExpiredOwners(tx, commands)
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
  const loaded = { bookings, ofLine, lines, metadata, expired, expiredSeats, now }
  return { of: (id) => detailsOf(id, loaded), expiredHolds }
}

function usersInFront({ fronts }: LoadedLines): { eventId: number; userId: string }[] {
  const entries = [...fronts.values()].flat()
  return entries.map(({ event_id, user_id }) => ({ eventId: event_id, userId: user_id }))
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
