import { Prisma } from '../../generated/prisma/client.ts'
import type { Command, ReserveCommand } from '../commands.ts'
import type { EventState, State } from '../state.ts'
import { loadDetails, NO_DETAILS } from './load-details.ts'
import { arrayOf, settingsOf, type EventRow, type Sql } from './rows.ts'

interface LoadedRow {
  now_ms: number
  booking_ids: number[]
  /** The last sequence numbers of the events' histories, in the events' order. */
  sequences: number[]
  /** Positions (from 1) of the reserve commands whose user is booked. */
  booked: number[]
  /** Events that somebody waits for. */
  waiting: number[]
  /** Events with holds that have expired. */
  expiring: number[]
}

/**
 * Reads what the rules need to know of the commands whose events are locked. It must be a
 * statement of its own, after the lock: a statement sees what was committed before it began, so
 * only one that begins under the lock sees all that earlier holders of the lock have written.
 *
 * Where all commands reserve and nobody waits and no hold has expired, one statement is enough.
 */
export async function loadState(
  tx: Sql,
  events: readonly EventRow[],
  commands: readonly Command[],
): Promise<State> {
  const reserves = commands.filter((command) => command.type === 'reserve')
  const row = await loadCommon(tx, events, reserves)
  const now = new Date(row.now_ms)
  const isPlain =
    row.waiting.length === 0 &&
    row.expiring.length === 0 &&
    commands.every((command) => command.type === 'reserve' && !command.waitlist)
  const details = isPlain
    ? NO_DETAILS
    : await loadDetails(tx, { events, commands, now, waiting: row.waiting })
  const bookedUsers = groupUsers(row.booked, reserves)
  const states = events.map((event, i): [number, EventState] => [
    event.id,
    {
      id: event.id,
      settings: settingsOf(event),
      takenSeats: event.taken,
      bookedUsers: new Set([
        ...(bookedUsers.get(event.id) ?? []),
        ...details.bookedInLine(event.id),
      ]),
      lastSequence: row.sequences[i] ?? 0,
      ...details.of(event.id),
    },
  ])
  return {
    events: new Map(states),
    bookingIds: [...row.booking_ids, ...details.bookingIds],
    entryIds: details.entryIds,
    now,
  }
}

async function loadCommon(
  tx: Sql,
  events: readonly EventRow[],
  reserves: readonly ReserveCommand[],
): Promise<LoadedRow> {
  const ids = arrayOf(events.map(({ id }) => id))
  const [row] = await tx.$queryRaw<[{ loaded: string }]>`
    WITH clock AS MATERIALIZED (SELECT date_trunc('milliseconds', clock_timestamp()) AS now),
      locked AS MATERIALIZED (
        SELECT e.id, e.position FROM unnest((SELECT ${ids}::text::int[])) WITH ORDINALITY AS e(id, position))
    SELECT json_build_object(
      'now_ms', (extract(epoch FROM clock.now) * 1000)::float8,
      'booking_ids', ARRAY(
        SELECT nextval('bookings_id_seq')::int
        FROM generate_series(1, (SELECT ${mostBookings(events, reserves)}::int))),
      'sequences', ARRAY(
        SELECT COALESCE((
          SELECT h.last_sequence FROM event_history h
          WHERE h.event_id = e.id ORDER BY h.last_sequence DESC LIMIT 1), 0)
        FROM locked e ORDER BY e.position),
      'waiting', ARRAY(
        SELECT e.id FROM locked e
        WHERE EXISTS (SELECT FROM waitlist_entries w WHERE w.event_id = e.id OFFSET 0)),
      'expiring', ARRAY(
        SELECT e.id FROM locked e
        WHERE EXISTS (
          SELECT FROM bookings b
          WHERE b.event_id = e.id AND b.status = 'held' AND b.expires_at <= clock.now OFFSET 0)),
      'booked', ${positionsOfBooked(reserves)}
    )::text AS loaded
    FROM clock`
  return JSON.parse(row.loaded) as LoadedRow
}

/**
 * The positions (from 1) of the commands whose user has a booking, be it an expired hold. OFFSET 0
 * keeps PostgreSQL from making a join of it: one index probe a command, however stale its
 * statistics are while an event sells out.
 */
export function positionsOfBooked(reserves: readonly ReserveCommand[]): Prisma.Sql {
  const eventIds = arrayOf(reserves.map(({ eventId }) => eventId))
  const userIds = JSON.stringify(reserves.map(({ userId }) => userId))
  return Prisma.sql`ARRAY(
    SELECT c.position::int
    FROM ROWS FROM (unnest((SELECT ${eventIds}::text::int[])), json_array_elements_text(${userIds}::json))
      WITH ORDINALITY AS c(event_id, user_id, position)
    WHERE EXISTS (
      SELECT FROM bookings b WHERE b.event_id = c.event_id AND b.user_id = c.user_id OFFSET 0))`
}

function groupUsers(
  positions: readonly number[],
  reserves: readonly ReserveCommand[],
): Map<number, Set<string>> {
  const users = new Map<number, Set<string>>()
  for (const position of positions) {
    const command = reserves[position - 1]
    if (command === undefined) continue
    const ofEvent = users.get(command.eventId) ?? new Set()
    users.set(command.eventId, ofEvent.add(command.userId))
  }
  return users
}

/** How many bookings can come of the seats that are free now: an id for each is enough. */
function mostBookings(events: readonly EventRow[], reserves: readonly ReserveCommand[]): number {
  const wanted = new Map<number, number>()
  for (const { eventId } of reserves) wanted.set(eventId, (wanted.get(eventId) ?? 0) + 1)
  return events.reduce(
    (most, { id, total_seats, taken }) => most + Math.min(wanted.get(id) ?? 0, total_seats - taken),
    0,
  )
}
