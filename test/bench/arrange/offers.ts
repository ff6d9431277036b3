import type pg from 'pg'
import type { SeatingDocument } from '../../../src/domain/seating/document.ts'
import { Seating } from '../../../src/domain/seating/seating.ts'
import { canonicalJson, digest } from '../../../src/http/canonical.ts'

/** What events sell beside equal seats: ticket types over pools, or numbered seats. */
export type Offer = 'types' | 'hall'

/** More than any run can book. */
const POOL_CAPACITY = 5_000_000
const POOLS = ['stalls', 'balcony']
const TYPES = [
  ['adult', 'stalls'],
  ['child', 'stalls'],
  ['balcony', 'balcony'],
] as const

/** The keys of the ticket types. */
export const TYPE_KEYS: readonly string[] = TYPES.map(([key]) => key)

const SECTIONS = 20
const ROWS = 25
const SEATS_IN_ROW = 40

const DOCUMENT: SeatingDocument = {
  sections: Array.from({ length: SECTIONS }, (_, section) => ({
    key: String.fromCharCode('A'.charCodeAt(0) + section),
    pool: null,
    rows: Array.from({ length: ROWS }, (_, row) => ({
      key: String(row + 1),
      seats: { from: 1, to: SEATS_IN_ROW },
    })),
  })),
}

/** A hall of 20,000 numbered seats. */
export const HALL = new Seating(DOCUMENT)
export const SECTION_KEYS: readonly string[] = HALL.sections.map(({ key }) => key)

/** Gives events that are there something to sell. */
export async function offer(
  pool: pg.Pool,
  eventIds: readonly number[],
  what: Offer,
): Promise<void> {
  if (what === 'types') await offerTypes(pool, eventIds)
  else await offerHall(pool, eventIds)
}

async function offerTypes(pool: pg.Pool, eventIds: readonly number[]): Promise<void> {
  await pool.query(
    `INSERT INTO event_pools (event_id, key, place, capacity)
     SELECT event_id, key, place, $3 FROM unnest($1::int[]) AS event_id,
       unnest($2::text[]) WITH ORDINALITY AS p (key, place)`,
    [eventIds, POOLS, POOL_CAPACITY],
  )
  const unlimited = { max_per_booking: null, sales_start_at: null, sales_end_at: null }
  const types = TYPES.map(([key, of]) => ({ key, name: key, pools: [of], ...unlimited }))
  await pool.query('UPDATE events SET ticket_types = $2 WHERE id = ANY ($1)', [
    eventIds,
    JSON.stringify(types),
  ])
}

async function offerHall(pool: pg.Pool, eventIds: readonly number[]): Promise<void> {
  const text = canonicalJson(DOCUMENT)
  await pool.query(
    `WITH given AS (
       INSERT INTO event_seatings (event_id, digest, document)
       SELECT event_id, $2, $3 FROM unnest($1::int[]) AS event_id)
     UPDATE events SET seating = $2, max_seats_per_booking = 2 WHERE id = ANY ($1)`,
    [eventIds, digest(text), text],
  )
}
