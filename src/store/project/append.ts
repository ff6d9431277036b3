import type { BookingFact, Fact } from '../../domain/facts.ts'
import { rowOfFact } from '../fact-rows.ts'
import { arrayOf, type Sql } from '../rows.ts'
import type { CreatedEvent } from './events.ts'
import { realId } from './new-ids.ts'
import type { FactsBySubject } from './project.ts'

/**
 * Facts in one row of the history, at the most: a page of it reads few rows, but whole ones. Longer
 * runs are parted.
 */
const MAX_FACTS_PER_ROW = 500

/** Of a fact: the number of its row, its event, and the new booking that it names. */
interface HistoryColumns {
  readonly rows: number[]
  readonly eventIds: number[]
  readonly sequences: number[]
  readonly newBookings: (number | null)[]
}

/**
 * The new bookings and the history: what a plain reservation comes down to, in one round trip. Ids
 * are drawn here, where rows are written, and put into the facts by PostgreSQL: to ask for them
 * first would cost a round trip of its own.
 *
 * @param entryIds - of the waitlist entries that the batch has made
 * @returns the ids of the new bookings
 */
export async function append(
  tx: Sql,
  facts: FactsBySubject,
  created: readonly CreatedEvent[],
  entryIds: readonly number[],
): Promise<number[]> {
  const made = facts.bookings.filter(({ bookingId }) => bookingId < 0)
  const history = historyColumns(facts.all, created)
  const rows = facts.all.map((fact) => rowOfFact(fact, entryIds))
  const bookings = bookingColumns(made, created)
  const atSeconds = (facts.all[0]?.at.getTime() ?? 0) / 1000
  const [row] = await tx.$queryRaw<[{ ids: string }]>`
    WITH drawn AS MATERIALIZED (
        SELECT ARRAY(
          SELECT nextval('bookings_id_seq') FROM generate_series(1, ${made.length}::int)) AS ids),
      history AS (
        INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
        SELECT min(f.event_id), min(f.sequence), max(f.sequence), to_timestamp(${atSeconds}::float8),
          ('[' || string_agg(
            CASE WHEN f.booking IS NULL THEN f.fact::text
            ELSE left(f.fact::text, -1) || ',"booking_id":' || (SELECT ids FROM drawn)[f.booking] || '}'
            END, ',' ORDER BY f.position) || ']')::json
        FROM ROWS FROM (
          json_array_elements(${JSON.stringify(rows)}::json),
          unnest(${arrayOf(history.rows)}::text::int[]),
          unnest(${arrayOf(history.eventIds)}::text::int[]),
          unnest(${arrayOf(history.sequences)}::text::bigint[]),
          unnest(${arrayOf(history.newBookings)}::text::int[])
        ) WITH ORDINALITY AS f(fact, row, event_id, sequence, booking, position)
        GROUP BY f.row),
      made AS (
        INSERT INTO bookings (id, event_id, user_id, seats, status, expires_at, created_at)
        SELECT (SELECT ids FROM drawn)[b.place], b.event_id, b.user_id, b.seats,
          CASE WHEN b.expires_at IS NULL THEN 'confirmed' ELSE 'held' END,
          to_timestamp(b.expires_at), to_timestamp(${atSeconds}::float8)
        FROM ROWS FROM (
          unnest(${bookings.places}::text::int[]),
          unnest(${bookings.eventIds}::text::int[]),
          json_array_elements_text(${bookings.userIds}::json),
          unnest(${bookings.seats}::text::int[]),
          unnest(${bookings.expiries}::text::float8[])
        ) AS b(place, event_id, user_id, seats, expires_at))
    SELECT array_to_json(ids)::text AS ids FROM drawn`
  return idsOf(row.ids)
}

/** Ids as PostgreSQL writes them in JSON. */
export function idsOf(json: string): number[] {
  return JSON.parse(json) as number[]
}

function historyColumns(facts: readonly Fact[], created: readonly CreatedEvent[]): HistoryColumns {
  const columns: HistoryColumns = {
    rows: [],
    eventIds: [],
    sequences: [],
    newBookings: [],
  }
  const eventIds = created.map(({ id }) => id)
  const current = new Map<number, { row: number; length: number }>()
  let rows = 0
  for (const fact of facts) {
    let run = current.get(fact.eventId)
    if (run === undefined || run.length === MAX_FACTS_PER_ROW) {
      run = { row: (rows += 1), length: 0 }
      current.set(fact.eventId, run)
    }
    run.length += 1
    const before = fact.eventId > 0 ? 0 : (created[-fact.eventId - 1]?.lastSequence ?? 0)
    columns.rows.push(run.row)
    columns.eventIds.push(realId(fact.eventId, eventIds))
    columns.sequences.push(before + fact.sequence)
    columns.newBookings.push('bookingId' in fact ? placeOf(fact.bookingId) : null)
  }
  return columns
}

/** Where the id of a new booking stands among those that are drawn, from 1; null for other ids. */
function placeOf(id: number): number | null {
  return id > 0 ? null : -id
}

function bookingColumns(made: readonly BookingFact[], created: readonly CreatedEvent[]) {
  const eventIds = created.map(({ id }) => id)
  return {
    places: arrayOf(made.map(({ bookingId }) => -bookingId)),
    eventIds: arrayOf(made.map(({ eventId }) => realId(eventId, eventIds))),
    userIds: JSON.stringify(made.map(({ userId }) => userId)),
    seats: arrayOf(made.map(({ seatsAfter }) => seatsAfter)),
    expiries: arrayOf(made.map(({ expiresAt }) => expiresAt && expiresAt.getTime() / 1000)),
  }
}
