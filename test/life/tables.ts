import type pg from 'pg'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { SeatingDocument } from '../../src/domain/seating/document.ts'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'
import type {
  BlockedSeen,
  BookingSeen,
  EntrySeen,
  HistorySeen,
  PoolSeen,
  SeatSeen,
  Snapshot,
} from './snapshot.ts'

type Counted = Pick<PoolSeen, 'taken' | 'blocked'>
type EventSeen = SettingsColumns &
  Counted & {
    readonly total_seats: number
    readonly seating: string | null
    readonly document: SeatingDocument | null
    readonly counters: readonly PoolSeen[]
  }

const EVENT = `
  SELECT name, total_seats, starts_at, sales_start_at, sales_end_at, max_seats_per_booking,
    hold_seconds, waitlist_promotes_to, status, time_zone, cancel_until, waitlist_closes_at,
    metadata, taken, blocked, seating,
    COALESCE(ticket_types, '[]') AS ticket_types,
    COALESCE((SELECT json_agg(json_build_object('key', key, 'capacity', capacity) ORDER BY place)
      FROM event_pools WHERE event_id = events.id), '[]') AS pools,
    COALESCE((SELECT json_agg(json_build_object(
        'key', key, 'capacity', capacity, 'taken', taken, 'blocked', blocked) ORDER BY place)
      FROM event_pools WHERE event_id = events.id), '[]') AS counters,
    (SELECT document FROM event_seatings
      WHERE event_id = events.id AND digest = events.seating) AS document
  FROM events WHERE id = $1 AND deleted_at IS NULL`
const BOOKINGS = `
  SELECT id, user_id AS user, seats, lines, status, expires_at AS "expiresAt",
    created_at AS "createdAt", metadata
  FROM bookings WHERE event_id = $1 ORDER BY user_id COLLATE "C"`
const LINE = `
  SELECT id, user_id AS user, seats, lines, metadata
  FROM waitlist_entries WHERE event_id = $1 ORDER BY id`
const HISTORY = `
  SELECT first_sequence AS first, last_sequence AS last, changes
  FROM event_history WHERE event_id = $1 ORDER BY first_sequence`
const BLOCKED = `
  SELECT label, pool FROM blocked_seats WHERE event_id = $1 ORDER BY label COLLATE "C"`
const SEATS = `
  SELECT label, booking_id AS booking FROM taken_seats
  WHERE event_id = $1 ORDER BY label COLLATE "C"`
const TENANTS = `
  SELECT tenant_id AS tenant FROM events WHERE id = $1
  UNION SELECT tenant_id FROM bookings WHERE event_id = $1
  UNION SELECT tenant_id FROM expired_holds WHERE event_id = $1
  UNION SELECT tenant_id FROM event_history WHERE event_id = $1`

/** All that the tables have of an event, at one instant. */
export async function readSnapshot(
  pool: pg.Pool,
  eventId: number,
  firstCapacity: number,
): Promise<Snapshot> {
  const client = await pool.connect()
  const all = async <Row extends object>(sql: string): Promise<Row[]> =>
    (await client.query<Row>(sql, [eventId])).rows
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    const [event] = await all<EventSeen>(EVENT)
    const bookings = await all<BookingSeen>(BOOKINGS)
    const line = await all<EntrySeen>(LINE)
    const history = await all<HistorySeen>(HISTORY)
    const blocked = await all<BlockedSeen>(BLOCKED)
    const seats = await all<SeatSeen>(SEATS)
    const tenants = await all<{ tenant: string }>(TENANTS)
    await client.query('COMMIT')
    // Of a deleted event the rows may be there for a while.
    const rows = event === undefined ? NOTHING : { bookings, line, blocked, seats }
    return {
      ...rows,
      ...ofEvent(event),
      tenants: tenants.map(({ tenant }) => tenant),
      firstCapacity,
      history,
    }
  } finally {
    client.release()
  }
}

const NOTHING = { bookings: [], line: [], blocked: [], seats: [] }

function ofEvent(
  event: EventSeen | undefined,
): Pick<Snapshot, 'totalSeats' | 'settings' | 'pools' | 'seating' | 'labels'> {
  if (event === undefined) {
    return { totalSeats: null, settings: null, pools: [], seating: null, labels: [] }
  }
  const { taken, blocked, seating, document, counters, ...settings } = event
  const capacity = event.total_seats
  return {
    totalSeats: capacity,
    settings,
    pools: [{ key: null, capacity, taken, blocked }, ...counters],
    seating,
    labels: document === null ? [] : [...new Seating(document).labels()],
  }
}
