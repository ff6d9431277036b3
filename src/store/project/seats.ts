import type { EventFact, SeatingChanged, SeatsBlocked } from '../../domain/facts.ts'
import { arrayOf, type Sql } from '../rows.ts'

/** Writes the seatings that have changed. */
export async function writeSeatings(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const changed = facts.filter((fact): fact is SeatingChanged => fact.type === 'seating_changed')
  const last = [...new Map(changed.map((fact) => [fact.eventId, fact])).values()]
  if (last.length === 0) return
  const rows = JSON.stringify(
    last.map(({ eventId, digest, seating }) => ({
      event_id: eventId,
      digest,
      document: seating?.document,
    })),
  )
  await tx.$executeRaw`
    INSERT INTO event_seatings (event_id, digest, document)
    SELECT * FROM json_to_recordset(${rows}::json) AS s(event_id int, digest text, document json)
    ON CONFLICT (event_id) DO UPDATE SET digest = excluded.digest, document = excluded.document`
  await tx.$executeRaw`
    UPDATE events SET seating = s.digest
    FROM json_to_recordset(${rows}::json) AS s(event_id int, digest text) WHERE id = s.event_id`
}

/** What the facts come to for a seat: whether it is blocked in the end, and of which pool. */
interface SeatRow {
  readonly event_id: number
  readonly label: string
  readonly pool: string | null
}

function lastOfSeats(facts: readonly EventFact[], type: SeatsBlocked['type']): SeatRow[] {
  const last = new Map<string, SeatRow & Pick<SeatsBlocked, 'type'>>()
  for (const fact of facts) {
    if (fact.type !== 'seats_blocked' && fact.type !== 'seats_unblocked') continue
    const { eventId: event_id, pool } = fact
    for (const label of fact.labels) {
      last.set(`${event_id} ${label}`, { event_id, label, pool, type: fact.type })
    }
  }
  return [...last.values()].filter((seat) => seat.type === type)
}

/** Gives blocked seats back: before the bookings that take them. */
export async function unblockSeats(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const seats = lastOfSeats(facts, 'seats_unblocked')
  if (seats.length === 0) return
  await tx.$executeRaw`
    DELETE FROM blocked_seats WHERE (event_id, label) IN (
      SELECT * FROM ROWS FROM (
        unnest(${arrayOf(seats.map(({ event_id }) => event_id))}::text::int[]),
        json_array_elements_text(${JSON.stringify(seats.map(({ label }) => label))}::json)))`
}

/** Blocks seats: behind the bookings that give them up. */
export async function blockSeats(tx: Sql, facts: readonly EventFact[]): Promise<void> {
  const seats = lastOfSeats(facts, 'seats_blocked')
  if (seats.length === 0) return
  // One that was given back and blocked again in one batch is there already.
  await tx.$executeRaw`
    INSERT INTO blocked_seats (event_id, label, pool)
    SELECT * FROM json_to_recordset(${JSON.stringify(seats)}::json)
      AS s(event_id int, label text, pool text)
    ON CONFLICT DO NOTHING`
}
