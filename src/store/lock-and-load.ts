import { Prisma } from '../generated/prisma/client.ts'
import type { Command, ReserveCommand } from '../domain/commands.ts'
import type { LockMode } from '../engine/group-commit.ts'
import type { EventState, State } from '../domain/state.ts'
import { groupUsers, positionsOfBooked } from './booked.ts'
import { loadDetails, NO_DETAILS } from './load-details.ts'
import { arrayOf, settingsOf, type EventRow, type Sql } from './rows.ts'

interface LoadedEvent extends EventRow {
  last_sequence: number
  /** Whether somebody waits for seats. */
  is_awaited: boolean
  has_expired_holds: boolean
  /** Whether the row that was locked is newer than what the statement sees. */
  is_stale: boolean
}

interface LoadedRow {
  now_ms: number
  events: LoadedEvent[]
  booking_ids: number[]
  /** Positions (from 1) of the reserve commands whose user is booked. */
  booked: number[]
}

/** Events that are locked, and what was read with them. */
export interface Loaded {
  readonly events: readonly LoadedEvent[]
  readonly now: Date
  readonly bookingIds: readonly number[]
  readonly bookedUsers: ReadonlyMap<number, ReadonlySet<string>>
  /** Whether all of this has to be read again, now that the locks are had. */
  readonly isStale: boolean
}

const LOCK: Record<LockMode, Prisma.Sql> = {
  skip: Prisma.sql`FOR UPDATE SKIP LOCKED`,
  wait: Prisma.sql`FOR UPDATE`,
}

/**
 * Locks the events of a batch until the transaction ends, in the order of their ids, which is the
 * one lock order everywhere: transactions that follow it cannot deadlock. In the same round trip
 * it reads what plain reservations turn on.
 *
 * Events that do not exist are left out and, in the mode `skip`, those that another session holds
 * locked; `existingEvents` tells them apart. In the mode `wait` PostgreSQL's `lock_timeout` bounds
 * the wait (SQLSTATE 55P03).
 *
 * A statement sees what was committed before it began, and a lock may be had later. But every
 * commit of the service that changes an event, its bookings or its line leaves a new version of the
 * event's row (see `writeChanges`), as does every change of its seats in SQL, by the trigger; and a
 * lock is always had on the newest one. So where the version that is
 * locked is the one that the statement sees, nothing has changed in between, and what it read
 * holds under the lock. Otherwise `isStale` says so, and the same statement, run again on the
 * events that are locked now, sees all that earlier holders have written.
 */
export async function lockAndLoad(
  tx: Sql,
  eventIds: readonly number[],
  commands: readonly Command[],
  mode: LockMode,
): Promise<Loaded> {
  const reserves = commands.filter((command) => command.type === 'reserve')
  const row = await queryLoaded(tx, eventIds, reserves, mode)
  return {
    events: row.events,
    now: new Date(row.now_ms),
    bookingIds: row.booking_ids,
    bookedUsers: groupUsers(row.booked, reserves),
    isStale: row.events.some((event) => event.is_stale),
  }
}

// Arguments stand in sub-selects, where the planner does not see them: with a constant it deems a
// plan for this very batch cheaper than a general one, and plans anew every time.
async function queryLoaded(
  tx: Sql,
  eventIds: readonly number[],
  reserves: readonly ReserveCommand[],
  mode: LockMode,
): Promise<LoadedRow> {
  const wanted = countByEvent(reserves)
  const counts = eventIds.map((id) => wanted.get(id) ?? 0)
  const [row] = await tx.$queryRaw<[{ loaded: string }]>`
    WITH asked AS MATERIALIZED (
        SELECT a.id, a.wanted FROM ROWS FROM (
          unnest((SELECT ${arrayOf(eventIds)}::text::int[])),
          unnest((SELECT ${arrayOf(counts)}::text::int[]))
        ) AS a(id, wanted)),
      locked AS MATERIALIZED (
        SELECT ctid AS version, id, name, total_seats, taken, starts_at, sales_start_at,
          sales_end_at, max_seats_per_booking, hold_seconds, waitlist_promotes_to
        FROM events WHERE id = ANY (ARRAY(SELECT id FROM asked)) ORDER BY id ${LOCK[mode]}),
      -- Counting the locks first makes it the time at which they are had.
      clock AS MATERIALIZED (
        SELECT date_trunc('milliseconds', clock_timestamp()) AS now
        FROM (SELECT count(*) FROM locked) AS had),
      loaded AS (
        SELECT id, name, total_seats, taken, starts_at, sales_start_at, sales_end_at,
          max_seats_per_booking, hold_seconds, waitlist_promotes_to,
          version IS DISTINCT FROM (SELECT s.ctid FROM events s WHERE s.id = l.id) AS is_stale,
          COALESCE((
            SELECT h.last_sequence FROM event_history h
            WHERE h.event_id = l.id ORDER BY h.last_sequence DESC LIMIT 1), 0) AS last_sequence,
          EXISTS (SELECT FROM waitlist_entries w WHERE w.event_id = l.id OFFSET 0) AS is_awaited,
          EXISTS (
            SELECT FROM bookings b
            WHERE b.event_id = l.id AND b.status = 'held' AND b.expires_at <= clock.now
            OFFSET 0) AS has_expired_holds
        FROM locked l CROSS JOIN clock ORDER BY id)
    SELECT json_build_object(
      'now_ms', (extract(epoch FROM clock.now) * 1000)::float8,
      'events', (SELECT COALESCE(json_agg(loaded), '[]') FROM loaded),
      -- Of the seats that are free now no more bookings can come.
      'booking_ids', ARRAY(
        SELECT nextval('bookings_id_seq')::int FROM generate_series(1, (
          SELECT COALESCE(sum(LEAST(a.wanted, l.total_seats - l.taken)), 0)::int
          FROM locked l JOIN asked a ON a.id = l.id))),
      'booked', ${positionsOfBooked(reserves)}
    )::text AS loaded
    FROM clock`
  return JSON.parse(row.loaded) as LoadedRow
}

/** Sets how long the transaction waits for a lock; without it, it is as long as the session has. */
export async function allowLockWait(tx: Sql, lockTimeoutMs: number): Promise<void> {
  await tx.$queryRaw`SELECT set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`
}

/** Which of the given events exist, locked or not. */
export async function existingEvents(tx: Sql, eventIds: readonly number[]): Promise<Set<number>> {
  if (eventIds.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ id: number }[]>`
    SELECT id FROM events WHERE id = ANY(${eventIds}::int[])`
  return new Set(rows.map(({ id }) => id))
}

/**
 * What the commands are decided on. Where all of them reserve and nobody waits and no hold has
 * expired, that is what has been loaded with the locks.
 */
export async function completeState(
  tx: Sql,
  { events, now, bookingIds, bookedUsers }: Loaded,
  commands: readonly Command[],
): Promise<State> {
  const waiting = events.filter(({ is_awaited }) => is_awaited).map(({ id }) => id)
  const isPlain =
    waiting.length === 0 &&
    events.every((event) => !event.has_expired_holds) &&
    commands.every((command) => command.type === 'reserve' && !command.waitlist)
  const details = isPlain ? NO_DETAILS : await loadDetails(tx, { events, commands, now, waiting })
  const states = events.map((event): [number, EventState] => [
    event.id,
    {
      id: event.id,
      settings: settingsOf(event, details.metadataOf(event.id)),
      takenSeats: event.taken,
      bookedUsers: new Set([
        ...(bookedUsers.get(event.id) ?? []),
        ...details.bookedInLine(event.id),
      ]),
      lastSequence: event.last_sequence,
      ...details.of(event.id),
    },
  ])
  return {
    events: new Map(states),
    bookingIds: [...bookingIds, ...details.bookingIds],
    entryIds: details.entryIds,
    now,
  }
}

function countByEvent(commands: readonly Command[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { eventId } of commands) counts.set(eventId, (counts.get(eventId) ?? 0) + 1)
  return counts
}
