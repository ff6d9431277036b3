import type { EventSettings } from '../domain/commands.ts'
import type { Changes } from '../domain/state.ts'
import { arrayOf, type Sql } from './rows.ts'

/**
 * Writes what was decided, set-based: a statement for each kind of change that there is, however
 * many rows and events it touches. In an order in which no constraint is broken on the way: seats
 * are made before they are taken, and given back before the capacity is lowered.
 *
 * Each event that is changed, in whatever way, gets a new version of its row: `lockAndLoad` tells
 * by it whether anything has changed.
 */
export async function writeChanges(tx: Sql, all: readonly Changes[]): Promise<void> {
  const changes = all.filter(({ history, settings }) => history.changes.length > 0 || settings)
  if (changes.length === 0) return
  const rest = changes.filter(({ isDeleted }) => !isDeleted)
  await writeSettings(tx, rest.filter(isRaise))
  await removeBookings(tx, rest)
  await updateBookings(tx, rest)
  await writeWaitlist(tx, rest)
  await touch(tx, rest)
  await append(tx, changes)
  await writeSettings(
    tx,
    rest.filter((change) => !isRaise(change)),
  )
  await deleteEvents(tx, changes)
}

/** A capacity that was raised; `capacity_changed` tells in which direction it went last. */
function isRaise({ history }: Changes): boolean {
  const capacities = history.changes.filter(({ type }) => type === 'capacity_changed')
  const [first, last] = [capacities[0], capacities.at(-1)]
  return first !== undefined && last !== undefined && last.seats_after > first.seats_before
}

async function writeSettings(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const rows = changes.flatMap(({ eventId, settings }) =>
    settings === null ? [] : settingsRow(eventId, settings),
  )
  if (rows.length === 0) return
  await tx.$executeRaw`
    UPDATE events SET name = s.name, total_seats = s.total_seats, starts_at = s.starts_at,
      sales_start_at = s.sales_start_at, sales_end_at = s.sales_end_at,
      max_seats_per_booking = s.max_seats_per_booking, hold_seconds = s.hold_seconds,
      waitlist_promotes_to = s.waitlist_promotes_to, metadata = s.metadata
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS s(
      id int, name text, total_seats int, starts_at timestamptz, sales_start_at timestamptz,
      sales_end_at timestamptz, max_seats_per_booking int, hold_seconds int,
      waitlist_promotes_to text, metadata json)
    WHERE events.id = s.id`
}

/** Settings as the columns of `events`; without an id for an event that is yet to be made. */
export function settingsRow(id: number | undefined, settings: EventSettings) {
  return {
    id,
    name: settings.name,
    total_seats: settings.totalSeats,
    starts_at: settings.startsAt,
    sales_start_at: settings.salesStartAt,
    sales_end_at: settings.salesEndAt,
    max_seats_per_booking: settings.maxSeatsPerBooking,
    hold_seconds: settings.holdSeconds,
    waitlist_promotes_to: settings.waitlistPromotesTo,
    metadata: settings.metadata,
  }
}

async function removeBookings(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const removed = changes.flatMap(({ removedBookingIds }) => removedBookingIds)
  if (removed.length === 0) return
  await tx.$executeRaw`DELETE FROM bookings WHERE id = ANY(${removed}::int[])`
  const expired = changes.flatMap(({ eventId, expiredBookingIds }) =>
    expiredBookingIds.map((booking_id) => ({ booking_id, event_id: eventId })),
  )
  if (expired.length === 0) return
  await tx.$executeRaw`
    INSERT INTO expired_holds (booking_id, event_id)
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(expired)}::jsonb) AS h(booking_id int, event_id int)
    ON CONFLICT (booking_id) DO UPDATE SET event_id = excluded.event_id, expired_at = now()`
}

async function updateBookings(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const rows = changes.flatMap(({ updatedBookings }) =>
    updatedBookings.map(({ id, seats, status, expiresAt }) => ({
      id,
      seats,
      status,
      expires_at: expiresAt,
    })),
  )
  if (rows.length === 0) return
  await tx.$executeRaw`
    UPDATE bookings SET seats = b.seats, status = b.status, expires_at = b.expires_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS b(id int, seats int, status text, expires_at timestamptz)
    WHERE bookings.id = b.id`
}

async function writeWaitlist(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const removed = changes.flatMap(({ removedEntryIds }) => removedEntryIds)
  if (removed.length > 0) {
    await tx.$executeRaw`DELETE FROM waitlist_entries WHERE id = ANY(${removed}::int[])`
  }
  const rows = changes.flatMap(({ newEntries }) =>
    newEntries.map(({ id, eventId, userId, seats, createdAt }) => ({
      id,
      event_id: eventId,
      user_id: userId,
      seats,
      created_at: createdAt,
    })),
  )
  if (rows.length === 0) return
  await tx.$executeRaw`
    INSERT INTO waitlist_entries (id, event_id, user_id, seats, created_at)
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS w(id int, event_id int, user_id text, seats int, created_at timestamptz)`
}

/**
 * Where seats or settings change, so does the event's row: by the trigger that counts, or by what
 * is written. Bookings and places in line that change otherwise leave it as it is.
 */
async function touch(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const changed = changes.filter(
    ({ updatedBookings, newEntries, removedEntryIds }) =>
      updatedBookings.length + newEntries.length + removedEntryIds.length > 0,
  )
  if (changed.length === 0) return
  await tx.$executeRaw`
    UPDATE events SET taken = taken WHERE id = ANY(${changed.map(({ eventId }) => eventId)}::int[])`
}

/** The new bookings and the history: what a plain reservation comes down to, in one round trip. */
async function append(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const history = changes
    .filter((change) => change.history.changes.length > 0)
    .map((change) => ({
      event_id: change.eventId,
      first: change.history.firstSequence,
      at: change.history.at,
      changes: change.history.changes,
    }))
  const bookings = changes.flatMap(({ isDeleted, newBookings }) => (isDeleted ? [] : newBookings))
  const held = bookings.map(({ expiresAt }) => expiresAt && expiresAt.getTime() / 1000)
  const createdAt = (changes[0]?.history.at.getTime() ?? 0) / 1000
  await tx.$executeRaw`
    WITH history AS (
      INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
      SELECT h.event_id, h.first, h.first + jsonb_array_length(h.changes) - 1, h.at, h.changes
      FROM jsonb_to_recordset(${JSON.stringify(history)}::jsonb)
        AS h(event_id int, first int, at timestamptz, changes jsonb)
    )
    INSERT INTO bookings (id, event_id, user_id, seats, status, expires_at, created_at)
    SELECT b.id, b.event_id, b.user_id, b.seats,
      CASE WHEN b.expires_at IS NULL THEN 'confirmed' ELSE 'held' END,
      to_timestamp(b.expires_at), to_timestamp(${createdAt}::float8)
    FROM ROWS FROM (
      unnest(${arrayOf(bookings.map(({ id }) => id))}::text::int[]),
      unnest(${arrayOf(bookings.map(({ eventId }) => eventId))}::text::int[]),
      json_array_elements_text(${JSON.stringify(bookings.map(({ userId }) => userId))}::json),
      unnest(${arrayOf(bookings.map(({ seats }) => seats))}::text::int[]),
      unnest(${arrayOf(held)}::text::float8[])
    ) AS b(id, event_id, user_id, seats, expires_at)`
}

async function deleteEvents(tx: Sql, changes: readonly Changes[]): Promise<void> {
  const deleted = changes.flatMap(({ isDeleted, eventId }) => (isDeleted ? eventId : []))
  if (deleted.length === 0) return
  await tx.$executeRaw`DELETE FROM events WHERE id = ANY(${deleted}::int[])`
}
