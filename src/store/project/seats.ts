import type { EventFact, SeatingChanged, SeatsBlocked } from '../../domain/facts.ts'
import { arrayOf, type Sql } from '../rows.ts'

/** Writes the seatings that have changed, and takes those away that are no more. */
export async function writeSeatings(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const changed = facts.filter((fact): fact is SeatingChanged => fact.type === 'seating_changed')
  const last = [...new Map(changed.map((fact) => [fact.eventId, fact])).values()]
  if (last.length === 0) return
  const digests = last.map(({ eventId, digest }) => ({ event_id: eventId, digest }))
  const documents = last.map(({ seating }, i) => ({ ...digests[i], document: seating?.document }))
  await tx.$executeRaw`
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(${JSON.stringify(documents)}::json)
          AS s(event_id int, digest text, document json)),
      gone AS (
        DELETE FROM event_seatings WHERE event_id IN (SELECT event_id FROM given WHERE digest IS NULL))
    INSERT INTO event_seatings (event_id, digest, document)
    SELECT event_id, digest, document FROM given WHERE digest IS NOT NULL
    ON CONFLICT (event_id) DO UPDATE SET digest = excluded.digest, document = excluded.document`
  await tx.$executeRaw`
    UPDATE events SET seating = s.digest
    FROM json_to_recordset(${JSON.stringify(digests)}::json) AS s(event_id int, digest text) WHERE id = s.event_id`
}

/** A seat that is blocked, and of which pool. */
interface SeatRow {
  readonly event_id: number
  readonly label: string
  readonly pool: string | null
}

/** What the facts say of a seat: null where it is not blocked. */
interface Change {
  readonly before: SeatRow | null
  after: SeatRow | null
}

/** The seats of which the facts change anything, from the first of them to the last. */
function changesOf(facts: readonly EventFact[]): Change[] {
  const changes = new Map<string, Change>()
  for (const fact of facts) {
    if (fact.type !== 'seats_blocked' && fact.type !== 'seats_unblocked') continue
    const { eventId: event_id, pool } = fact
    const isBlocked = fact.type === 'seats_blocked'
    for (const label of fact.labels) {
      const key = `${event_id} ${label}`
      const seat = { event_id, label, pool }
      const change = changes.get(key) ?? { before: isBlocked ? null : seat, after: null }
      change.after = isBlocked ? seat : null
      changes.set(key, change)
    }
  }
  return [...changes.values()].filter(isChange)
}

/** One that was given back and blocked again in one batch may be of another pool by then. */
function isChange({ before, after }: Change): boolean {
  if (before === null || after === null) return before !== after
  return before.pool !== after.pool
}

/** The events of which seats were blocked and given back: nothing may be left of that. */
export function eventsWithBoth(facts: readonly EventFact[]): number[] {
  const idsOf = (type: SeatsBlocked['type']) =>
    facts.filter((fact) => fact.type === type).map(({ eventId }) => eventId)
  const unblocked = new Set(idsOf('seats_unblocked'))
  return idsOf('seats_blocked').filter((id) => unblocked.has(id))
}

/** Gives blocked seats back: before the bookings that take them. */
export async function unblockSeats(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const seats = changesOf(facts).flatMap(({ before }) => before ?? [])
  if (seats.length === 0) return
  await tx.$executeRaw`
    DELETE FROM blocked_seats WHERE (event_id, label) IN (
      SELECT * FROM ROWS FROM (
        unnest(${arrayOf(seats.map(({ event_id }) => event_id))}::text::int[]),
        json_array_elements_text(${JSON.stringify(seats.map(({ label }) => label))}::json)))`
}

/** Blocks seats: behind the bookings that give them up. */
export async function blockSeats(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const seats = changesOf(facts).flatMap(({ after }) => after ?? [])
  if (seats.length === 0) return
  await tx.$executeRaw`
    INSERT INTO blocked_seats (event_id, label, pool)
    SELECT * FROM json_to_recordset(${JSON.stringify(seats)}::json)
      AS s(event_id int, label text, pool text)`
}
