import type { BookingFact } from '../../domain/facts.ts'
import { arrayOf, type Sql } from '../rows.ts'

/** The fact that a booking was left with; those that the batch itself made are another matter. */
function lastFacts(facts: readonly BookingFact[]): BookingFact[] {
  const known = facts.filter(({ bookingId }) => bookingId > 0)
  return [...new Map(known.map((fact) => [fact.bookingId, fact])).values()]
}

/** Removes the bookings that have ended, and remembers of which the hold had expired. */
export async function removeBookings(tx: Sql, facts: readonly BookingFact[]): Promise<void> {
  const ended = lastFacts(facts).filter(({ status }) => status === null)
  if (ended.length === 0) return
  const ids = ended.map(({ bookingId }) => bookingId)
  await tx.$executeRaw`DELETE FROM bookings WHERE id = ANY(${arrayOf(ids)}::text::bigint[])`
  const expired = ended.filter(({ type }) => type === 'expired')
  if (expired.length === 0) return
  await tx.$executeRaw`
    INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id)
    SELECT * FROM ROWS FROM (
      unnest(${arrayOf(expired.map(({ bookingId }) => bookingId))}::text::bigint[]),
      unnest(${arrayOf(expired.map(({ eventId }) => eventId))}::text::int[]),
      json_array_elements_text(${JSON.stringify(expired.map(({ tenantId }) => tenantId))}::json),
      json_array_elements_text(${JSON.stringify(expired.map(({ userId }) => userId))}::json))
    ON CONFLICT (booking_id, slot) DO UPDATE SET event_id = excluded.event_id,
      tenant_id = excluded.tenant_id, user_id = excluded.user_id, expired_at = now()`
}

/** Writes what has changed of bookings that stay. */
export async function updateBookings(tx: Sql, facts: readonly BookingFact[]): Promise<void> {
  const rows = lastFacts(facts).flatMap(({ bookingId, seatsAfter, status, expiresAt }) =>
    status === null ? [] : [{ id: bookingId, seats: seatsAfter, status, expires_at: expiresAt }],
  )
  if (rows.length === 0) return
  await tx.$executeRaw`
    UPDATE bookings SET seats = b.seats, status = b.status, expires_at = b.expires_at
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS b(id bigint, seats int, status text, expires_at timestamptz)
    WHERE bookings.id = b.id`
}
