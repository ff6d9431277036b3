import { isOwn } from '../domain/access.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import { refuse, type Refused } from '../domain/outcomes.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { askedKey, idsAsked, isAskedFor } from './asked.ts'
import { positionsOfBooked } from './booked.ts'
import { hasExpiredHolds } from './expired.ts'
import type { Sql } from './rows.ts'

interface RefusalRow {
  /** By their `askedKey`. */
  existing: string[]
  /** Events where expired holds, the status, the sales window, pools or ticket types ask for a closer look. */
  unclear: number[]
  sold_out: SoldOutRow[]
  booked: number[]
}

interface SoldOutRow {
  id: number
  available: number
  waiting: number
}

/**
 * What a plain read can tell of plain reserve commands (one seat, no waitlist) without any lock:
 * the refusal that each would meet at the instant of the read, in the order of the rules (`reserve`
 * of domain/decide/reserve.ts, which this repeats in SQL); undefined where it would meet none, or
 * where that is not plain to see.
 */
export async function provableRefusals(
  sql: Sql,
  commands: readonly ReserveCommand[],
): Promise<(Refused | undefined)[]> {
  const asked = commands.map(({ eventId: id, origin: { tenantId } }) => ({ id, tenantId }))
  const [row] = await sql.$queryRaw<[RefusalRow]>`
    WITH asked AS MATERIALIZED (
      SELECT id, tenant_id, total_seats - taken - blocked AS available, waiting,
        status <> 'on_sale' OR ticket_types IS NOT NULL OR (pool_count > 0 AND waiting > 0) OR now() < sales_start_at OR now() >= sales_end_at OR ${hasExpiredHolds(
          Prisma.sql`events.id`,
          Prisma.sql`(SELECT clock_timestamp())`,
        )} AS is_unclear
      FROM events
      WHERE id = ANY(${idsAsked(asked)}::text::int[]) AND ${isAskedFor(asked)} AND deleted_at IS NULL)
    SELECT
      ARRAY(SELECT id || ' ' || tenant_id FROM asked) AS existing,
      ARRAY(SELECT id FROM asked WHERE is_unclear) AS unclear,
      (SELECT COALESCE(json_agg(full_event), '[]') FROM (
        SELECT id, available, waiting FROM asked WHERE available <= 0) AS full_event) AS sold_out,
      ${positionsOfBooked(commands, Prisma.sql`asked`)} AS booked`
  const existing = new Set(row.existing)
  const unclear = new Set(row.unclear)
  const soldOut = new Map(row.sold_out.map((event) => [event.id, event]))
  const booked = new Set(row.booked)
  return commands.map(({ eventId, userId, origin }, i) => {
    const { tenantId } = origin
    if (!existing.has(askedKey({ id: eventId, tenantId }))) return refuse('event_not_found')
    if (unclear.has(eventId)) return undefined
    if (!isOwn(origin, userId)) return refuse('user_mismatch')
    if (booked.has(i + 1)) return refuse('already_booked')
    const full = soldOut.get(eventId)
    if (full === undefined) return undefined
    const { available, waiting: waitingBefore } = full
    return refuse('sold_out', undefined, { pool: null, available, waitingBefore })
  })
}
