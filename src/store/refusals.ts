import { isOwn } from '../domain/access.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import { refuse, type Refused } from '../domain/outcomes.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { askedKey, idsAsked, isAskedFor } from './asked.ts'
import { positionsOfBooked, positionsOfWaiting } from './booked.ts'
import { poolRowsOf } from './event-pools.ts'
import { hasExpiredHolds } from './expired.ts'
import { STATE_COLUMNS } from './lock-and-load.ts'
import { refusalsByRules, type ReadEvent } from './refusals-by-rules.ts'
import { arrayOf, type Sql } from './rows.ts'

interface RefusalRow {
  /** By their `askedKey`. */
  existing: string[]
  /** Of the plain events those where expired holds, the status or the sales window ask for a closer look. */
  unclear: number[]
  sold_out: SoldOutRow[]
  /** Positions (from 1) of the commands whose user is booked. */
  booked: number[]
  /** Likewise of those whose user waits, at events that are not plain. */
  waiting: number[]
  /**
   * JSON of the events that are not plain (ticket types; pools, and somebody waits), or not asked for plainly:
   * `ReadEvent[]`. Null where all are.
   */
  by_rules: string | null
  /** When the statement began. */
  now_ms: number
}

interface SoldOutRow {
  id: number
  available: number
  waiting: number
}

/**
 * What a plain read can tell of reserve commands (without waitlist) without any lock: the refusal that each
 * would meet at the instant of the read; undefined where it would meet none, or where that is not plain
 * to see. One plain seat of a plain event is refused in the order of the rules (`reserve` of
 * domain/decide/reserve.ts), which this repeats in SQL, as it may be asked for thousands of times a second;
 * all else the rules themselves refuse.
 *
 * Sales are looked at as of the start of the statement, and holds after the state was seen. At the instant
 * of the state, which is in between, no hold can have expired that has not by then; and sales that have
 * ended since turn the command away as well.
 */
export async function provableRefusals(
  sql: Sql,
  commands: readonly ReserveCommand[],
): Promise<(Refused | undefined)[]> {
  const row = await readRefusals(sql, commands)
  const existing = new Set(row.existing)
  const unclear = new Set(row.unclear)
  const soldOut = new Map(row.sold_out.map((event) => [event.id, event]))
  const booked = new Set(row.booked)
  const events = row.by_rules === null ? [] : (JSON.parse(row.by_rules) as ReadEvent[])
  const byRules = refusalsByRules({ ...row, events, now: new Date(row.now_ms) }, commands)
  return commands.map((command, i) => {
    const { eventId, userId, origin } = command
    const key = askedKey({ id: eventId, tenantId: origin.tenantId })
    if (!existing.has(key)) return refuse('event_not_found')
    const refusalOf = byRules.get(key)
    if (refusalOf !== undefined) return refusalOf(command)
    if (unclear.has(eventId)) return undefined
    if (!isOwn(origin, userId)) return refuse('user_mismatch')
    if (booked.has(i + 1)) return refuse('already_booked')
    const full = soldOut.get(eventId)
    if (full === undefined) return undefined
    const { available, waiting: waitingBefore } = full
    return refuse('sold_out', undefined, { pool: null, available, waitingBefore })
  })
}

async function readRefusals(sql: Sql, commands: readonly ReserveCommand[]): Promise<RefusalRow> {
  const asked = commands.map(({ eventId: id, origin: { tenantId } }) => ({ id, tenantId }))
  const special = commands.filter(({ seats, lines }) => seats !== 1 || lines !== null)
  const [row] = await sql.$queryRaw<[RefusalRow]>`
    WITH asked AS MATERIALIZED (
      SELECT pool_count, ${STATE_COLUMNS}, total_seats - taken - blocked AS available,
        ticket_types IS NOT NULL OR (pool_count > 0 AND waiting > 0)
          OR id IN (SELECT unnest((SELECT ${idsOf(special)}::text::int[]))) AS is_special,
        ${hasExpiredHolds(
          Prisma.sql`events.id`,
          Prisma.sql`(SELECT clock_timestamp())`,
        )} AS has_expired_holds
      FROM events
      WHERE id = ANY(${idsAsked(asked)}::text::int[]) AND ${isAskedFor(asked)} AND deleted_at IS NULL),
      -- At others it makes no difference who of those who ask waits.
      lined AS MATERIALIZED (
        SELECT id, tenant_id FROM asked WHERE is_special AND pool_count > 0 AND waiting > 0)
    SELECT
      ARRAY(SELECT id || ' ' || tenant_id FROM asked) AS existing,
      ARRAY(SELECT id FROM asked WHERE NOT is_special AND (
        status <> 'on_sale' OR has_expired_holds OR now() < sales_start_at OR now() >= sales_end_at)) AS unclear,
      (SELECT COALESCE(json_agg(full_event), '[]') FROM (
        SELECT id, available, waiting FROM asked
        WHERE NOT is_special AND available <= 0) AS full_event) AS sold_out,
      ${positionsOfBooked(commands, Prisma.sql`asked`)} AS booked,
      CASE WHEN EXISTS (SELECT FROM lined) THEN ${positionsOfWaiting(commands, Prisma.sql`lined`)}
        ELSE '{}' END AS waiting,
      (SELECT json_agg(special)::text FROM (
        SELECT ${STATE_COLUMNS}, ${poolRowsOf(Prisma.sql`asked`)} AS pools, has_expired_holds
        FROM asked WHERE is_special) AS special) AS by_rules,
      (extract(epoch FROM date_trunc('milliseconds', now())) * 1000)::float8 AS now_ms`
  return row
}

function idsOf(commands: readonly ReserveCommand[]): string {
  return arrayOf([...new Set(commands.map(({ eventId }) => eventId))])
}
