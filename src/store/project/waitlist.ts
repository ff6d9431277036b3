import { isBookingFact, type BookingFact } from '../../domain/facts.ts'
import { withMetadata, type Metadata } from '../../domain/metadata.ts'
import { arrayOf, type Sql } from '../rows.ts'
import { idsOf } from './append.ts'
import { leftBy } from './left.ts'
import { moreColumns, moreOf } from './more-columns.ts'
import type { FactsBySubject } from './project.ts'

/** The entries that have left the line, served or given up. */
function entriesThatLeft({ bookings, entries }: FactsBySubject): Set<number> {
  const served = bookings.flatMap(({ waitlistEntryId }) => waitlistEntryId ?? [])
  const given = entries.filter(({ type }) => type === 'left_waitlist')
  return new Set([...served, ...given.map(({ waitlistEntryId }) => waitlistEntryId)])
}

/**
 * Removes the rows of those. The batch's own entries have none yet.
 *
 * @returns the facts, those of who was served with the metadata of their rows, which are not loaded
 *   with the lines: few of the many that are loaded are served
 */
export async function removeEntries(tx: Sql, facts: FactsBySubject): Promise<FactsBySubject> {
  const ids = [...entriesThatLeft(facts)].filter((id) => id > 0)
  if (ids.length === 0) return facts
  const served = facts.bookings.flatMap(({ waitlistEntryId: id }) => id ?? [])
  const rows = await tx.$queryRaw<{ id: number | bigint; metadata: Metadata }[]>`
    WITH gone AS (
        DELETE FROM waitlist_entries WHERE id = ANY(${arrayOf(ids)}::text::bigint[])
        RETURNING id, metadata)
    SELECT * FROM gone
    WHERE metadata IS NOT NULL AND id = ANY(${arrayOf(served)}::text::bigint[])`
  if (rows.length === 0) return facts
  const metadata = new Map(rows.map((row) => [Number(row.id), row.metadata]))
  const withTheirs = (fact: BookingFact): BookingFact =>
    fact.waitlistEntryId === null
      ? fact
      : withMetadata<BookingFact>(fact, metadata.get(fact.waitlistEntryId))
  const bookings = facts.bookings.map(withTheirs)
  return {
    ...facts,
    all: facts.all.map((fact) => (isBookingFact(fact) ? withTheirs(fact) : fact)),
    bookings,
    left: leftBy(bookings),
  }
}

/**
 * Draws ids for the entries that the batch has made, and writes the rows of those that are still in
 * line. Nobody makes one for an event of the same batch: its id is not known yet.
 */
export async function insertEntries(tx: Sql, facts: FactsBySubject): Promise<number[]> {
  const joined = facts.entries.filter(({ type }) => type === 'waitlisted')
  const [first] = joined
  if (first === undefined) return []
  const gone = entriesThatLeft(facts)
  const staying = joined.filter(({ waitlistEntryId }) => !gone.has(waitlistEntryId))
  const more = moreColumns(moreOf(staying))
  const [row] = await tx.$queryRaw<[{ ids: string }]>`
    WITH drawn AS MATERIALIZED (
        SELECT ARRAY(
          SELECT nextval('waitlist_entries_id_seq')
          FROM generate_series(1, ${joined.length}::int)) AS ids),
      made AS (
        INSERT INTO waitlist_entries (id, event_id, user_id, seats, created_at${more.target})
        SELECT (SELECT ids FROM drawn)[w.place], w.event_id, w.user_id, w.seats,
          to_timestamp(${first.at.getTime() / 1000}::float8)${more.value}
        FROM ROWS FROM (
          unnest(${arrayOf(staying.map(({ waitlistEntryId }) => -waitlistEntryId))}::text::int[]),
          unnest(${arrayOf(staying.map(({ eventId }) => eventId))}::text::int[]),
          json_array_elements_text(${JSON.stringify(staying.map(({ userId }) => userId))}::json),
          unnest(${arrayOf(staying.map(({ seatsAfter }) => seatsAfter))}::text::int[])${more.source}
        ) AS w(place, event_id, user_id, seats${more.name}))
    SELECT array_to_json(ids)::text AS ids FROM drawn`
  return idsOf(row.ids)
}
