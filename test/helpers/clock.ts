import type pg from 'pg'
import type { TestDatabase } from './database.ts'

/** The clock of one test database. */
export interface Clock {
  readonly now: Date
  advance(seconds: number): Promise<void>
}

const TICKS_PER_SECOND = 10

/**
 * Puts a clock that the test moves in place of PostgreSQL's own, for the sessions that begin from
 * now on: the functions that tell the time are looked up in a schema of the test's before
 * pg_catalog. So time passes without waiting, and the very instant of an expiry can be met. The
 * clock is a sequence: like time it never goes back, and no transaction holds it up.
 */
export async function takeOverClock({ pool }: TestDatabase): Promise<Clock> {
  const start = new Date('2026-01-15T10:30:00.000Z')
  const time = `SELECT timestamptz '${start.toISOString()}'
    + (last_value - 1) * interval '${1000 / TICKS_PER_SECOND} ms' FROM test.ticks`
  await pool.query(`
    CREATE SCHEMA test;
    CREATE SEQUENCE test.ticks;
    SELECT nextval('test.ticks');
    CREATE FUNCTION test.now() RETURNS timestamptz LANGUAGE sql STABLE AS $now$ ${time} $now$;
    CREATE FUNCTION test.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
      AS $now$ ${time} $now$;
    DO $$ BEGIN
      EXECUTE format(
        'ALTER DATABASE %I SET search_path = test, pg_catalog, public', current_database());
    END $$`)
  const clock = {
    now: start,
    async advance(seconds: number) {
      const ticks = seconds * TICKS_PER_SECOND
      await pool.query(`SELECT nextval('test.ticks') FROM generate_series(1, $1::int)`, [ticks])
      clock.now = new Date(clock.now.getTime() + seconds * 1000)
    },
  }
  return clock
}

/** Moves the clock of a database on by a tick, from any process. */
export async function tick(pool: pg.Pool): Promise<void> {
  await pool.query(`SELECT nextval('test.ticks')`)
}
