import type pg from 'pg'
import { HALL } from '../arrange/offers.ts'
import type { Arrangement } from '../scenarios.ts'
import { makesThingsUp, SCHEMA_OF, type CandidateName } from './names.ts'

/** More than any run can book. */
const ROOM = 10_000_000
/** Free seats of all events where each has a row: more than a run of some seconds can book. */
const SEAT_ROWS = 200_000

/** What the tables of the designs have beyond the first migration. */
export const ADDED_TO_FIRST = {
  first: '',
  counter: `
    ALTER TABLE events ADD COLUMN taken INTEGER NOT NULL DEFAULT 0
      CHECK (taken BETWEEN 0 AND total_seats)`,
  // The seat is the booking. Only free seats are in the index that is searched for one.
  seats: `
    DROP TABLE bookings;
    CREATE TABLE seats (
      id SERIAL PRIMARY KEY,
      event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      user_id VARCHAR,
      booked_at TIMESTAMP WITH TIME ZONE
    );
    CREATE INDEX ON seats (event_id, number) WHERE user_id IS NULL;
    CREATE UNIQUE INDEX ON seats (event_id, user_id) WHERE user_id IS NOT NULL;
    CREATE VIEW bookings AS
      SELECT id, event_id, user_id, booked_at AS created_at FROM seats WHERE user_id IS NOT NULL`,
  numbered: `
    DROP TABLE bookings;
    CREATE TABLE seats (
      id SERIAL PRIMARY KEY,
      event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
      label VARCHAR NOT NULL,
      user_id VARCHAR,
      booked_at TIMESTAMP WITH TIME ZONE,
      UNIQUE (event_id, label)
    );
    CREATE UNIQUE INDEX ON seats (event_id, user_id) WHERE user_id IS NOT NULL;
    CREATE VIEW bookings AS
      SELECT id, event_id, user_id, booked_at AS created_at FROM seats WHERE user_id IS NOT NULL`,
} as const

/** What a candidate needs of an arrangement: one that makes things up has no use for rows. */
export function neededBy(candidate: CandidateName, arrangement: Arrangement): Arrangement {
  if (!makesThingsUp(candidate)) return arrangement
  const { events, stormed = false } = arrangement
  return { events, stormed }
}

/** Seats of each event that is not to be sold out. */
export function roomOf(candidate: CandidateName, events: number): number {
  return hasSeatRows(candidate) ? Math.floor(SEAT_ROWS / events) : ROOM
}

/** Makes what a candidate needs of each event that it has, beyond its row. */
export async function prepareEvents(
  pool: pg.Pool,
  candidate: CandidateName,
  eventIds: readonly number[],
  seats: number,
): Promise<void> {
  if (SCHEMA_OF[candidate] === 'numbered') return numberSeats(pool, eventIds)
  if (!hasSeatRows(candidate)) return
  await pool.query(
    `INSERT INTO seats (event_id, number)
     SELECT event_id, number FROM unnest($1::int[]) AS event_id, generate_series(1, $2::int) AS number`,
    [eventIds, seats],
  )
  await pool.query('VACUUM (ANALYZE) seats')
}

async function numberSeats(pool: pg.Pool, eventIds: readonly number[]): Promise<void> {
  await pool.query(
    `INSERT INTO seats (event_id, label)
     SELECT event_id, label FROM unnest($1::int[]) AS event_id, unnest($2::text[]) AS label`,
    [eventIds, [...HALL.labels()]],
  )
  await pool.query('VACUUM (ANALYZE) seats')
}

/** Makes bookings at an event, each of a user of its own. */
export async function book(
  pool: pg.Pool,
  candidate: CandidateName,
  eventId: number,
  count: number,
): Promise<void> {
  if (hasSeatRows(candidate)) return bookSeats(pool, eventId, count)
  await pool.query(
    `INSERT INTO bookings (event_id, user_id)
     SELECT $1::int, 'early-' || n FROM generate_series(1, $2::int) AS n`,
    [eventId, count],
  )
  if (SCHEMA_OF[candidate] === 'counter') {
    await pool.query('UPDATE events SET taken = $2 WHERE id = $1', [eventId, count])
  }
}

async function bookSeats(pool: pg.Pool, eventId: number, count: number): Promise<void> {
  await pool.query(
    `UPDATE seats SET user_id = 'early-' || number, booked_at = now()
     WHERE event_id = $1 AND number <= $2`,
    [eventId, count],
  )
  await pool.query('VACUUM (ANALYZE) seats')
}

/** Whether the candidate's events count what is taken. */
export function hasCounter(candidate: CandidateName): boolean {
  return ['migrated', 'counter'].includes(SCHEMA_OF[candidate])
}

function hasSeatRows(candidate: CandidateName): boolean {
  return SCHEMA_OF[candidate] === 'seats'
}
