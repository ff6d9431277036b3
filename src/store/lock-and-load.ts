import { Prisma } from '../generated/prisma/client.ts'
import type { Command } from '../domain/commands.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import { askedKey, idsAsked, isAskedFor, type Asked } from './asked.ts'
import { groupUsers, positionsOfBooked } from './booked.ts'
import { poolRowsOf } from './event-pools.ts'
import { hasExpiredHolds } from './expired.ts'
import { foundKeys, rowsOfKeys, type FoundKeys, type KeyRow } from './idempotency.ts'
import type { TakenPoolRow } from './offer.ts'
import type { EventRow, Sql } from './rows.ts'

export interface LockedEvent extends EventRow {
  tenant_id: string
  last_sequence: number
  blocked: number
  /** The digest of its seating; null where there is none. */
  seating: string | null
  /** The transaction that has written this version of the row, by its number. */
  row_version: string
  /** In the order that the organizer has named them; null where there are none. */
  pools: TakenPoolRow[] | null
  has_expired_holds: boolean
  /** Whether the row that was locked is newer than what the statement sees. */
  is_stale: boolean
}

/** The columns of `events` that a state is made of. */
export const STATE_COLUMNS = Prisma.sql`id, tenant_id, name, total_seats, taken, held, waiting, starts_at,
  sales_start_at, sales_end_at, max_seats_per_booking, hold_seconds, waitlist_promotes_to, status, time_zone,
  cancel_until, waitlist_closes_at, ticket_types, blocked, seating`

interface LoadedRow {
  now_ms: number
  transaction: string
  events: LockedEvent[]
  /** Positions (from 1) of the reserve commands whose user is booked. */
  booked: number[]
  /** Only where keys are looked up. */
  keys?: KeyRow[]
}

/** Events that are locked, and what was read with them. */
export interface Loaded {
  readonly events: readonly LockedEvent[]
  readonly now: Date
  /** What is to be the version of the rows that this transaction changes. */
  readonly transaction: string
  readonly bookedUsers: ReadonlyMap<number, ReadonlySet<string>>
  readonly keys: FoundKeys
  /** Whether all of this has to be read again, now that the locks are held. */
  readonly isStale: boolean
}

/**
 * Locks the events of a batch until the transaction ends, in the order of their ids, which is the
 * one lock order everywhere: transactions that follow it cannot deadlock. In the same round trip
 * it reads what plain reservations turn on, and what there is under the idempotency keys.
 *
 * Events that do not exist, are deleted or are another tenant's are left out, and so are those that
 * another session holds locked; `existingEvents` tells them apart. `waitForLocks` is what waits.
 *
 * A statement sees what was committed before it began, and gets its locks later. But every commit
 * that changes an event, its bookings or its waitlist leaves a new version of the event's row (the
 * triggers that count see to that, whoever writes; and `touchEvents`, where nothing is left to count),
 * and it is always the newest version that is locked. So where that version is the one that the statement sees, nothing has changed in
 * between, and what it read holds while the lock is held. Otherwise `isStale` says so, and the same
 * statement, run again on the events that are locked now, sees all that earlier holders have
 * written. Of a key that is used for one event only, that is all there can be: whoever stores it
 * holds that event's lock. A key that was stored without any change, as for the confirmation of what
 * is confirmed, may be missed; what it stood for is decided alike again, and storing it is refused.
 */
export async function lockAndLoad(
  tx: Sql,
  asked: readonly Asked[],
  commands: readonly Command[],
  keys: readonly string[] = [],
): Promise<Loaded> {
  const reserves = commands.filter((command) => command.type === 'reserve')
  const row = await queryLoaded(tx, asked, reserves, keys)
  return {
    events: row.events,
    now: new Date(row.now_ms),
    transaction: row.transaction,
    bookedUsers: groupUsers(row.booked, reserves),
    keys: foundKeys(row.keys ?? []),
    isStale: row.events.some((event) => event.is_stale),
  }
}

// Arguments stand in sub-selects, where the planner does not see them: with a constant it deems a
// plan for this very batch cheaper than a general one, and plans anew every time.
async function queryLoaded(
  tx: Sql,
  asked: readonly Asked[],
  reserves: readonly ReserveCommand[],
  keys: readonly string[],
): Promise<LoadedRow> {
  // Without keys their table is not touched: nobody waits for it who does not use it.
  const ofKeys = keys.length === 0 ? Prisma.empty : Prisma.sql`, 'keys', ${rowsOfKeys(keys)}`
  const [row] = await tx.$queryRaw<[{ loaded: string }]>`
    WITH locked AS MATERIALIZED (
        SELECT ctid AS version, xmin::text AS row_version, pool_count, ${STATE_COLUMNS}
        FROM events
        WHERE id = ANY (ARRAY(SELECT unnest((SELECT ${idsAsked(asked)}::text::int[]))))
          AND ${isAskedFor(asked)} AND deleted_at IS NULL
        ORDER BY id FOR UPDATE SKIP LOCKED),
      -- Counting the locks first makes it the time from which on they are held.
      clock AS MATERIALIZED (
        SELECT date_trunc('milliseconds', clock_timestamp()) AS now
        FROM (SELECT count(*) FROM locked) AS taken_first),
      loaded AS (
        SELECT ${STATE_COLUMNS}, row_version, ${poolRowsOf(Prisma.sql`l`)} AS pools,
          version IS DISTINCT FROM (SELECT s.ctid FROM events s WHERE s.id = l.id) AS is_stale,
          COALESCE((
            SELECT h.last_sequence FROM event_history h
            WHERE h.event_id = l.id ORDER BY h.last_sequence DESC LIMIT 1), 0) AS last_sequence,
          ${hasExpiredHolds(Prisma.sql`l.id`, Prisma.sql`clock.now`)} AS has_expired_holds
        FROM locked l CROSS JOIN clock ORDER BY id)
    SELECT json_build_object(
      'now_ms', (extract(epoch FROM clock.now) * 1000)::float8,
      -- As the rows have it: without the epoch.
      'transaction', (txid_current() % 4294967296)::text,
      'events', (SELECT COALESCE(json_agg(loaded), '[]') FROM loaded),
      'booked', ${positionsOfBooked(reserves, Prisma.sql`locked`)}${ofKeys}
    )::text AS loaded
    FROM clock`
  return JSON.parse(row.loaded) as LoadedRow
}

/** Which of the events are there, locked or not, by their `askedKey`. */
export async function existingEvents(tx: Sql, asked: readonly Asked[]): Promise<Set<string>> {
  if (asked.length === 0) return new Set()
  const rows = await tx.$queryRaw<Asked[]>`
    SELECT id, tenant_id AS "tenantId" FROM events
    WHERE id = ANY (ARRAY(SELECT unnest((SELECT ${idsAsked(asked)}::text::int[]))))
      AND ${isAskedFor(asked)} AND deleted_at IS NULL`
  return new Set(rows.map(askedKey))
}
