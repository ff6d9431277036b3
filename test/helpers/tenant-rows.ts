import type { Test } from 'tap'
import { createTestDatabase, type TestDatabase } from './database.ts'

export const OWNER = 'acme'
export const STRANGER = 'zenith'
/** Holds of the event that have expired, users in its line, and changes in its history. */
export const MANY = 2000
export const EVENT = 1
export const MISSING = 1_000_000_000

/** A booking or an entry of the event has an id like this. */
export const ofEvent = (id: number): number => (id === MISSING ? MISSING : MANY / 2)

/** An event with all that an event can have; the ids of all begin with 1. */
export async function createFilled(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const { pool } = database
  await pool.query(
    `INSERT INTO events (tenant_id, name, total_seats) VALUES ($1, 'Concert', 1e6)`,
    [OWNER],
  )
  await pool.query(
    `INSERT INTO bookings (event_id, tenant_id, user_id, status, expires_at)
     SELECT $1, $2, 'user ' || n, 'held', now() - interval '1 minute' * (n % 2 - 0.5)
     FROM generate_series(1, $3::int) AS n`,
    [EVENT, OWNER, MANY],
  )
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT $1, 'user ' || n FROM generate_series(1, $2::int) AS n`,
    [EVENT, MANY],
  )
  await pool.query(
    `INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id)
     SELECT n, $1, $2, 'user ' || n FROM generate_series(1, $3::int) AS n`,
    [EVENT, OWNER, MANY],
  )
  await addHistory(pool)
  await pool.query('ANALYZE')
  return database
}

/** Changes of the event from when it was the owner's. */
export async function addHistory(pool: TestDatabase['pool']): Promise<void> {
  await pool.query(
    `INSERT INTO event_history (event_id, tenant_id, first_sequence, last_sequence, at, changes)
     SELECT $1, $2, n, n, now(), json_build_array(json_build_object(
       'type', 'capacity_changed', 'seats_before', 0, 'seats_after', n))
     FROM generate_series(1, $3::int) AS n`,
    [EVENT, OWNER, MANY],
  )
}
