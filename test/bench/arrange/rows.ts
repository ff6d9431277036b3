import type pg from 'pg'
import { DEFAULT_TENANT } from '../../../src/domain/access.ts'
import { formatApiKey, hashSecret } from '../../../src/domain/api-key.ts'
import { generateApiKey } from '../../../src/engine/new-api-key.ts'

/** What gathers beside events and all that hangs on them; a peer has none of it. */
const BESIDE_EVENTS = ['event_history', 'expired_holds', 'idempotency_keys']

/** Removes all rows. */
export async function empty(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ names: string }>(
    `SELECT string_agg(name, ', ') AS names FROM unnest($1::text[]) AS name
     WHERE to_regclass(name) IS NOT NULL OR name = 'events'`,
    [['events', ...BESIDE_EVENTS]],
  )
  await pool.query(`TRUNCATE ${rows[0]?.names ?? 'events'} CASCADE`)
}

/**
 * Writes many bookings without a look at the event of each: half of the time. All that counts them
 * stays on. Nobody else may write meanwhile.
 */
export async function withoutForeignKeys(pool: pg.Pool, write: () => Promise<void>): Promise<void> {
  await pool.query('ALTER TABLE bookings DISABLE TRIGGER ALL')
  await pool.query('ALTER TABLE bookings ENABLE TRIGGER USER')
  await write()
  await pool.query('ALTER TABLE bookings ENABLE TRIGGER ALL')
}

/** Holds that outlast any measurement, over the events by turns. */
export async function hold(
  pool: pg.Pool,
  eventIds: readonly number[],
  count: number,
): Promise<void> {
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at)
     SELECT ($1::int[])[1 + n % cardinality($1::int[])], 'holder-' || n, 'held',
       now() + interval '1 hour'
     FROM generate_series(1, $2::int) AS n`,
    [eventIds, count],
  )
}

/** A line of `line-1`, `line-2` … of one seat each. */
export async function joinLine(pool: pg.Pool, eventId: number, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT $1::int, 'line-' || n FROM generate_series(1, $2::int) AS n ORDER BY n`,
    [eventId, count],
  )
}

/**
 * Nobody pays for the writes of those before: the statistics are fresh, the buffers clean. Tables
 * without rows are passed over: a plan for a table that is known to be empty would be kept.
 */
export async function settleDown(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ names: string }>(
    `SELECT string_agg(relid::regclass::text, ', ') AS names FROM pg_stat_user_tables
     WHERE pg_relation_size(relid) > 0`,
  )
  await pool.query(`VACUUM (ANALYZE) ${rows[0]?.names ?? 'events'}`)
  await pool.query('CHECKPOINT')
}

/** A key of the tenant whose all events are where nobody says otherwise. */
export async function makeApiKey(pool: pg.Pool): Promise<string> {
  const key = generateApiKey()
  await pool.query(
    `INSERT INTO api_keys (id, tenant_id, name, scopes, secret_hash)
     VALUES ($1, $2, 'benchmark', '{admin}', $3)`,
    [key.id, DEFAULT_TENANT, hashSecret(key.secret)],
  )
  return formatApiKey(key)
}
