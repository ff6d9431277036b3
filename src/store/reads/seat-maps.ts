import { SEAT_STATUSES, SeatMap, type SeatStatus } from '../../domain/seating/seat-map.ts'
import type { Asked } from '../asked.ts'
import { AtHand } from '../at-hand.ts'
import { seatingOf } from '../seatings.ts'
import type { ReadSql } from './page.ts'
import type { NoSeats } from './seats.ts'

/** Of the maps of all events together, 16 MiB: of 600 halls with 100,000 seats each. */
const MAX_BYTES_AT_HAND = 16 * 1024 * 1024

/** What a map takes beside its bytes. */
const BYTES_OF_MAP = 500

/** The map of an event's seats, with the digest of the seating that it is of. */
export interface ReadSeatMap {
  readonly digest: string
  readonly map: SeatMap
}

interface Known extends ReadSeatMap {
  /** Of the event's row. */
  readonly version: string
  /** When the first of the holds expires, as PostgreSQL writes it; null where there is none. */
  readonly goodUntil: string | null
}

/** The labels of those seats of an event that are not free, as JSON has them. */
type TakenRow = Pick<Known, 'version' | 'goodUntil'> & { seating: string } & {
  readonly [Status in Exclude<SeatStatus, 'free'>]: string
}

/**
 * Reads maps of seats, and keeps them at hand: to make one of a large hall takes long, and pages that draw
 * it ask for it time and again. Whatever changes a seat leaves a new version of its event's row, as
 * `SeatsAtHand` has it; and beside that it is time alone, by which holds expire. So a map holds as long as
 * the row has the version that it was made at and no hold of it has expired, which each read asks first.
 */
export class SeatMaps {
  /** By their events. Whose an event is says its row. */
  readonly #known: AtHand<number, Known>

  constructor(maxBytes: number = MAX_BYTES_AT_HAND) {
    this.#known = new AtHand(maxBytes, ({ map }) => map.bytes.length + BYTES_OF_MAP)
  }

  /**
   * Reads the statuses of all seats of a tenant's event: the same object as before while the event has not
   * changed and no hold has expired.
   */
  async read(sql: ReadSql, event: Asked): Promise<ReadSeatMap | NoSeats> {
    const known = this.#known.get(event.id)
    const now = await lookUp(sql, event, known?.goodUntil ?? null)
    if (now === undefined) return 'event_not_found'
    if (now.seating === null) return 'seating_not_found'
    if (known?.version === now.version && now.isInTime) return known
    // Its seating may be replaced before it is read.
    const made = (await make(sql, event)) ?? (await make(sql, event)) ?? 'seating_not_found'
    if (typeof made !== 'string') this.#known.keep(event.id, made)
    return made
  }
}

interface Now {
  readonly version: string
  readonly seating: string | null
  readonly isInTime: boolean
}

async function lookUp(
  sql: ReadSql,
  { id, tenantId }: Asked,
  goodUntil: string | null,
): Promise<Now | undefined> {
  const [row] = await sql.$queryRaw<Now[]>`
    SELECT xmin::text AS version, seating,
      COALESCE(now() < ${goodUntil}::text::timestamptz, true) AS "isInTime"
    FROM events
    WHERE id = ${id}::int AND tenant_id = ${tenantId}::text AND deleted_at IS NULL`
  return row
}

/** Undefined where there is nothing of that any more. */
async function make(sql: ReadSql, event: Asked): Promise<Known | undefined> {
  const row = await readTaken(sql, event)
  if (row === undefined) return undefined
  const { version, goodUntil, seating: digest } = row
  const seating = await seatingOf(sql, event.id, digest)
  if (seating === null) return undefined
  const map = new SeatMap(seating.count)
  for (const status of SEAT_STATUSES) {
    if (status === 'free') continue
    for (const label of JSON.parse(row[status]) as string[]) {
      const seat = seating.seatAt(label)
      if (seat !== undefined) map.set(seat, status)
    }
  }
  return { digest, map, version, goodUntil }
}

/**
 * In one statement, so of one version. A hold that has expired takes no seat, swept or not. What has no lines
 * has no numbered seats.
 */
async function readTaken(sql: ReadSql, { id, tenantId }: Asked): Promise<TakenRow | undefined> {
  // Seats and holds meet in the order of their bookings: whatever PostgreSQL believes of how many there are, it
  // takes no longer than to sort them. To look up each seat's booking would take three times as long. Holds
  // are read as store/expired.ts reads those that have expired, by the same index.
  const [row] = await sql.$queryRaw<TakenRow[]>`
    WITH event AS MATERIALIZED (SELECT ${id}::int AS id),
      held AS MATERIALIZED (
        SELECT id, expires_at FROM bookings
        WHERE status = 'held'
          AND (event_id, expires_at) >= ((SELECT id FROM event), '-infinity'::timestamptz)
          AND (event_id, expires_at) <= ((SELECT id FROM event), 'infinity'::timestamptz)
          AND lines IS NOT NULL
        ORDER BY event_id, expires_at),
      seat AS (
        SELECT label, booking_id, max(expires_at) OVER (PARTITION BY booking_id) AS expires_at FROM (
          SELECT label, booking_id, NULL::timestamptz AS expires_at
          FROM taken_seats WHERE event_id = (SELECT id FROM event)
          UNION ALL SELECT NULL, id, expires_at FROM held) AS either),
      taken AS (
        SELECT status, json_agg(label)::text AS labels FROM (
          SELECT label, CASE WHEN booking_id IS NULL THEN 'blocked' WHEN expires_at IS NULL THEN 'booked'
            WHEN expires_at > now() THEN 'held' ELSE 'expired' END AS status
          FROM seat WHERE label IS NOT NULL) AS told
        GROUP BY status)
    SELECT xmin::text AS version, seating,
      (SELECT min(expires_at)::text FROM held WHERE expires_at > now()) AS "goodUntil",
      COALESCE((SELECT labels FROM taken WHERE status = 'held'), '[]') AS held,
      COALESCE((SELECT labels FROM taken WHERE status = 'booked'), '[]') AS booked,
      COALESCE((SELECT labels FROM taken WHERE status = 'blocked'), '[]') AS blocked
    FROM events
    WHERE id = (SELECT id FROM event) AND tenant_id = ${tenantId}::text AND deleted_at IS NULL
      AND seating IS NOT NULL`
  return row
}
