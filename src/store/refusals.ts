import { isOwn } from '../domain/access.ts'
import type { ReserveCommand } from '../domain/commands.ts'
import type { Refusal } from '../domain/outcomes.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { askedKey, idsAsked, isAskedFor } from './asked.ts'
import { positionsOfBooked } from './booked.ts'
import { hasExpiredHolds } from './expired.ts'
import type { Sql } from './rows.ts'

interface RefusalRow {
  /** By their `askedKey`. */
  existing: string[]
  /** Events where expired holds, the waitlist or the sales window ask for a closer look. */
  unclear: number[]
  sold_out: number[]
  booked: number[]
}

/**
 * What a plain read can tell of plain reserve commands (one seat, no waitlist) without any lock:
 * the refusal that each would meet at the instant of the read, in the order of the rules (`reserve`
 * of domain/decide/bookings.ts, which this repeats in SQL); undefined where it would meet none, or
 * where that is not plain to see.
 */
export async function provableRefusals(
  sql: Sql,
  commands: readonly ReserveCommand[],
): Promise<(Refusal | undefined)[]> {
  const asked = commands.map(({ eventId: id, origin: { tenantId } }) => ({ id, tenantId }))
  const [row] = await sql.$queryRaw<[RefusalRow]>`
    WITH asked AS MATERIALIZED (
      SELECT id, tenant_id, taken >= total_seats AS is_full,
        now() < sales_start_at OR now() >= sales_end_at OR ${hasExpiredHolds(
          Prisma.sql`events.id`,
          Prisma.sql`(SELECT clock_timestamp())`,
        )} AS is_unclear
      FROM events
      WHERE id = ANY(${idsAsked(asked)}::text::int[]) AND ${isAskedFor(asked)} AND deleted_at IS NULL)
    SELECT
      ARRAY(SELECT id || ' ' || tenant_id FROM asked) AS existing,
      ARRAY(SELECT id FROM asked WHERE is_unclear) AS unclear,
      ARRAY(SELECT id FROM asked WHERE is_full) AS sold_out,
      ${positionsOfBooked(commands, Prisma.sql`asked`)} AS booked`
  const existing = new Set(row.existing)
  const unclear = new Set(row.unclear)
  const soldOut = new Set(row.sold_out)
  const booked = new Set(row.booked)
  return commands.map(({ eventId, userId, origin }, i) => {
    const { tenantId } = origin
    if (!existing.has(askedKey({ id: eventId, tenantId }))) return 'event_not_found'
    if (unclear.has(eventId)) return undefined
    if (!isOwn(origin, userId)) return 'user_mismatch'
    if (booked.has(i + 1)) return 'already_booked'
    return soldOut.has(eventId) ? 'sold_out' : undefined
  })
}
