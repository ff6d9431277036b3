import type { Command, EventSettings } from '../domain/commands.ts'
import type { EventState } from '../domain/state.ts'
import {
  arrayOf,
  bookingOf,
  entryOf,
  type BookingRow,
  type EntryRow,
  type EventRow,
  type Sql,
} from './rows.ts'

export type EventDetails = Pick<
  EventState,
  'heldSeats' | 'bookings' | 'expiredBookingIds' | 'waitlist' | 'waitlistLength' | 'waitingUsers'
>

type Metadata = EventSettings['metadata']

export interface Details {
  of(eventId: number): EventDetails
  /** Of the events that commands ask a view of; `{}` for others. */
  metadataOf(eventId: number): Metadata
  /** Users in line who are booked all the same. */
  bookedInLine(eventId: number): readonly string[]
  /** Ids for the bookings that seats which come free can lead to. */
  readonly bookingIds: readonly number[]
  readonly entryIds: readonly number[]
}

const MAX_INTEGER = 2_147_483_647

const NOTHING: EventDetails = {
  heldSeats: 0,
  bookings: [],
  expiredBookingIds: new Set(),
  waitlist: [],
  waitlistLength: 0,
  waitingUsers: new Set(),
}

export const NO_DETAILS: Details = {
  of: () => NOTHING,
  metadataOf: () => ({}),
  bookedInLine: () => [],
  bookingIds: [],
  entryIds: [],
}

interface Subject {
  readonly events: readonly EventRow[]
  readonly commands: readonly Command[]
  readonly now: Date
  /** The events that somebody waits for. */
  readonly waiting: readonly number[]
}

/** Reads what the rarer commands and rules turn on: bookings, expired holds, the waitlist. */
export async function loadDetails(tx: Sql, subject: Subject): Promise<Details> {
  const { events, commands } = subject
  const bookings = await loadBookings(tx, subject)
  const bookingIds = commands.flatMap((command) =>
    'bookingId' in command ? command.bookingId : [],
  )
  const expired = await loadExpired(tx, bookingIds)
  const viewed = commands.filter(({ type }) => type === 'change_event' || type === 'delete_event')
  const viewedIds = viewed.map(({ eventId }) => eventId)
  const held = await loadHeldSeats(tx, viewedIds)
  const metadata = await loadMetadata(tx, viewedIds)
  const room = new Map(events.map((event) => [event.id, placesToLoad(event, bookings, commands)]))
  const line = await loadWaitlist(tx, subject, room)
  const most = sum(events.map((event) => mostBookings(event, bookings, commands, line)))
  const [ids] = await tx.$queryRaw<[{ booking_ids: number[]; entry_ids: number[] }]>`
    SELECT
      ARRAY(SELECT nextval('bookings_id_seq')::int FROM generate_series(1, ${most}::int)) AS booking_ids,
      ARRAY(SELECT nextval('waitlist_entries_id_seq')::int
        FROM generate_series(1, ${commands.filter(mayWait).length}::int)) AS entry_ids`
  return {
    of: (id) => ({
      heldSeats: held.get(id) ?? 0,
      bookings: bookings.filter(({ event_id }) => event_id === id).map(bookingOf),
      expiredBookingIds: expired,
      waitlist: line.entries.filter(({ event_id }) => event_id === id).map(entryOf),
      waitlistLength: line.lengths.get(id) ?? 0,
      waitingUsers: new Set(
        line.named.filter(({ event_id }) => event_id === id).map(({ user_id }) => user_id),
      ),
    }),
    metadataOf: (id) => metadata.get(id) ?? {},
    bookedInLine: (id) =>
      line.booked.filter(({ event_id }) => event_id === id).map(({ user_id }) => user_id),
    bookingIds: ids.booking_ids,
    entryIds: ids.entry_ids,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function mayWait(command: Command): boolean {
  return command.type === 'reserve' && command.waitlist
}

/** The bookings that commands name, and the holds that have expired. */
async function loadBookings(tx: Sql, { events, commands, now }: Subject): Promise<BookingRow[]> {
  const named = commands.flatMap((command) => ('bookingId' in command ? command.bookingId : []))
  return tx.$queryRaw<BookingRow[]>`
    SELECT id, event_id, user_id, seats, status, expires_at, COALESCE(created_at, to_timestamp(0)) AS created_at
    FROM bookings WHERE id = ANY(${named}::int[])
    UNION
    SELECT id, event_id, user_id, seats, status, expires_at, COALESCE(created_at, to_timestamp(0)) AS created_at
    FROM bookings
    WHERE event_id = ANY(${events.map(({ id }) => id)}::int[])
      AND status = 'held' AND expires_at <= to_timestamp(${now.getTime()}::float8 / 1000)
    ORDER BY id`
}

async function loadExpired(tx: Sql, bookingIds: readonly number[]): Promise<Set<number>> {
  const rows = await tx.$queryRaw<{ booking_id: number }[]>`
    SELECT booking_id FROM expired_holds WHERE booking_id = ANY(${bookingIds}::int[])`
  return new Set(rows.map(({ booking_id }) => booking_id))
}

async function loadHeldSeats(tx: Sql, eventIds: readonly number[]): Promise<Map<number, number>> {
  if (eventIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ event_id: number; seats: number }[]>`
    SELECT event_id, sum(seats)::int AS seats FROM bookings
    WHERE event_id = ANY(${eventIds}::int[]) AND status = 'held'
    GROUP BY event_id`
  return new Map(rows.map(({ event_id, seats }) => [event_id, seats]))
}

async function loadMetadata(tx: Sql, eventIds: readonly number[]): Promise<Map<number, Metadata>> {
  if (eventIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: number; metadata: Metadata }[]>`
    SELECT id, metadata FROM events WHERE id = ANY(${eventIds}::int[])`
  return new Map(rows.map(({ id, metadata }) => [id, metadata]))
}

/**
 * How many places in line can come to be looked at, at the most: as many as seats can be free in
 * the end (a place takes one at least), one more who does not fit, and those who leave.
 */
function placesToLoad(
  event: EventRow,
  bookings: readonly BookingRow[],
  commands: readonly Command[],
): number {
  const ours = commands.filter(({ eventId }) => eventId === event.id)
  // A new capacity is held against every place in line.
  const isResized = ours.some(
    (c) => c.type === 'change_event' && c.changes.totalSeats !== undefined,
  )
  if (isResized) return MAX_INTEGER
  const leaving = ours.filter(({ type }) => type === 'leave_waitlist')
  // PostgreSQL takes it as an integer, however many seats there are.
  return Math.min(mostSeats(event, bookings, commands) + leaving.length + 1, MAX_INTEGER)
}

/** How many seats can be free in the end, at the most, if none of them is taken again. */
function mostSeats(
  event: EventRow,
  bookings: readonly BookingRow[],
  commands: readonly Command[],
): number {
  const ours = commands.filter(({ eventId }) => eventId === event.id)
  const capacities = ours.map((c) => (c.type === 'change_event' ? (c.changes.totalSeats ?? 0) : 0))
  const freed = bookings.filter(({ event_id }) => event_id === event.id)
  const seatsFreed = sum(freed.map(({ seats }) => seats))
  return Math.max(event.total_seats, ...capacities) - event.taken + seatsFreed
}

/** How many bookings can be made at the most: each takes a seat at least, of those there can be. */
function mostBookings(
  event: EventRow,
  bookings: readonly BookingRow[],
  commands: readonly Command[],
  line: Line,
): number {
  const reserves = commands.filter((c) => c.type === 'reserve' && c.eventId === event.id)
  const inLine = line.entries.filter(({ event_id }) => event_id === event.id)
  return Math.min(reserves.length + inLine.length, mostSeats(event, bookings, commands))
}

interface Line {
  /** The first in line and the entries that commands name, in order. */
  readonly entries: readonly EntryRow[]
  /** The entries of the users whom commands name. */
  readonly named: readonly { event_id: number; user_id: string }[]
  readonly lengths: ReadonlyMap<number, number>
  /** Users among the entries who are booked all the same: by somebody who wrote past the service. */
  readonly booked: readonly { event_id: number; user_id: string }[]
}

async function loadWaitlist(
  tx: Sql,
  { commands, waiting }: Subject,
  room: ReadonlyMap<number, number>,
): Promise<Line> {
  if (waiting.length === 0) return { entries: [], named: [], lengths: new Map(), booked: [] }
  const limits = waiting.map((id) => room.get(id) ?? 0)
  const entryIds = commands.flatMap((command) => ('entryId' in command ? command.entryId : []))
  const entries = await tx.$queryRaw<EntryRow[]>`
    SELECT w.id, w.event_id, w.user_id, w.seats, w.created_at
    FROM unnest(${waiting}::int[], ${limits}::int[]) AS e(id, places)
    CROSS JOIN LATERAL (
      SELECT * FROM waitlist_entries WHERE event_id = e.id ORDER BY id LIMIT e.places) AS w
    UNION
    SELECT id, event_id, user_id, seats, created_at
    FROM waitlist_entries WHERE id = ANY(${entryIds}::int[])
    ORDER BY id`
  const reserves = commands.filter((command) => command.type === 'reserve')
  const named = await tx.$queryRaw<{ event_id: number; user_id: string }[]>`
    SELECT w.event_id, w.user_id
    FROM unnest(
      ${reserves.map(({ eventId }) => eventId)}::int[], ${reserves.map(({ userId }) => userId)}::text[]
    ) AS c(event_id, user_id)
    JOIN waitlist_entries w ON w.event_id = c.event_id AND w.user_id = c.user_id`
  const booked = await tx.$queryRaw<{ event_id: number; user_id: string }[]>`
    SELECT b.event_id, b.user_id
    FROM ROWS FROM (
      unnest(${arrayOf(entries.map(({ event_id }) => event_id))}::text::int[]),
      json_array_elements_text(${JSON.stringify(entries.map(({ user_id }) => user_id))}::json)
    ) AS e(event_id, user_id)
    JOIN bookings b ON b.event_id = e.event_id AND b.user_id = e.user_id`
  const lengths = await tx.$queryRaw<{ event_id: number; length: number }[]>`
    SELECT event_id, count(*)::int AS length FROM waitlist_entries
    WHERE event_id = ANY(${waiting}::int[]) GROUP BY event_id`
  return {
    entries,
    named,
    booked,
    lengths: new Map(lengths.map((row) => [row.event_id, row.length])),
  }
}
