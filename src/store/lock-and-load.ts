import { Prisma } from '../generated/prisma/client.ts'
import type { Command, ReserveCommand } from '../domain/commands.ts'
import { groupUsers, positionsOfBooked } from './booked.ts'
import { arrayOf, type EventRow, type Sql } from './rows.ts'

/** How events are locked that another session holds locked: passed over, or waited for. */
export type LockMode = 'skip' | 'wait'

export interface LockedEvent extends EventRow {
  last_sequence: number
  has_expired_holds: boolean
  /** Whether the row that was locked is newer than what the statement sees. */
  is_stale: boolean
}

interface LoadedRow {
  now_ms: number
  events: LockedEvent[]
  /** Positions (from 1) of the reserve commands whose user is booked. */
  booked: number[]
}

/** Events that are locked, and what was read with them. */
export interface Loaded {
  readonly events: readonly LockedEvent[]
  readonly now: Date
  readonly bookedUsers: ReadonlyMap<number, ReadonlySet<string>>
  /** Whether all of this has to be read again, now that the locks are held. */
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
 * Events that do not exist, or are deleted, are left out and, in the mode `skip`, those that another
 * session holds locked; `existingEvents` tells them apart. In the mode `wait` PostgreSQL's
 * `lock_timeout` bounds the wait (SQLSTATE 55P03).
 *
 * A statement sees what was committed before it began, and may get a lock later. But every commit
 * that changes an event, its bookings or its waitlist leaves a new version of the event's row (the
 * triggers that count see to that, whoever writes), and it is always the newest version that is
 * locked. So where that version is the one that the statement sees, nothing has changed in
 * between, and what it read holds while the lock is held. Otherwise `isStale` says so, and the same
 * statement, run again on the events that are locked now, sees all that earlier holders have
 * written.
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
  const [row] = await tx.$queryRaw<[{ loaded: string }]>`
    WITH locked AS MATERIALIZED (
        SELECT ctid AS version, id, name, total_seats, taken, held, waiting, starts_at,
          sales_start_at, sales_end_at, max_seats_per_booking, hold_seconds, waitlist_promotes_to
        FROM events
        WHERE id = ANY (ARRAY(SELECT unnest((SELECT ${arrayOf(eventIds)}::text::int[]))))
          AND deleted_at IS NULL
        ORDER BY id ${LOCK[mode]}),
      -- Counting the locks first makes it the time from which on they are held.
      clock AS MATERIALIZED (
        SELECT date_trunc('milliseconds', clock_timestamp()) AS now
        FROM (SELECT count(*) FROM locked) AS taken_first),
      loaded AS (
        SELECT id, name, total_seats, taken, held, waiting, starts_at, sales_start_at, sales_end_at,
          max_seats_per_booking, hold_seconds, waitlist_promotes_to,
          version IS DISTINCT FROM (SELECT s.ctid FROM events s WHERE s.id = l.id) AS is_stale,
          COALESCE((
            SELECT h.last_sequence FROM event_history h
            WHERE h.event_id = l.id ORDER BY h.last_sequence DESC LIMIT 1), 0) AS last_sequence,
          -- The rule is isExpired of domain/policy.ts.
          EXISTS (
            SELECT FROM bookings b
            WHERE b.event_id = l.id AND b.status = 'held' AND b.expires_at <= clock.now
            OFFSET 0) AS has_expired_holds
        FROM locked l CROSS JOIN clock ORDER BY id)
    SELECT json_build_object(
      'now_ms', (extract(epoch FROM clock.now) * 1000)::float8,
      'events', (SELECT COALESCE(json_agg(loaded), '[]') FROM loaded),
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
    SELECT id FROM events WHERE id = ANY(${eventIds}::int[]) AND deleted_at IS NULL`
  return new Set(rows.map(({ id }) => id))
}
