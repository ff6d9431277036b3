import { TRIGGERS_OFF } from '../causes.ts'
import { classifyFailure } from '../failure.ts'

/** Tries to set the time limit of a session. */
const MAX_TRIES = 5

interface Asked {
  query(sql: string): Promise<unknown>
}

/** What a session is set to, where it is ours alone. */
export interface SessionSettings {
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly isReadOnly: boolean
}

/**
 * What a database or a role may set otherwise, and PgBouncer hands on from one session to another.
 * The encoding is not among them: pg asks for UTF-8 when it connects.
 */
const EVERYWHERE = [
  // Prisma's adapter takes the session's local time for UTC.
  `SET TIME ZONE 'UTC'`,
  // Nobody here reads 25.11.2026.
  `SET datestyle TO 'ISO, MDY'`,
  // Backslashes in our literals, and in Prisma's, are backslashes.
  `SET standard_conforming_strings = on`,
]

/**
 * Seats are counted, and foreign keys held, by triggers. They don't fire in a session whose
 * session_replication_role is `replica`, as a database or a role may have it, and only a superuser
 * may set it back. They do fire where it is `local`.
 */
const REFUSE_WITHOUT_TRIGGERS = `DO $$ BEGIN
  IF current_setting('session_replication_role') = 'replica' THEN
    RAISE EXCEPTION 'session_replication_role is replica: no trigger fires'
      USING ERRCODE = '${TRIGGERS_OFF}';
  END IF;
END $$`

const OURS_ALONE = [
  // Before anything that takes time. Our own bounds do its work; PostgreSQL has it since 17.
  `SELECT set_config('transaction_timeout', '0', false)
    WHERE current_setting('transaction_timeout', true) IS NOT NULL`,
  // Our tables first, and as the migrations see them; what triggers of others look for comes after.
  `SELECT set_config('search_path',
    concat_ws(', ', 'public', NULLIF(current_setting('search_path'), '')), false)`,
  // A statement that follows a lock sees what earlier holders have written.
  `SET default_transaction_isolation = 'read committed'`,
  // Moments and numbers that travel as text come back to the last digit.
  `SET extra_float_digits = 1`,
  // Lists of numbers travel as the text of an array, with NULL in it.
  `SET array_nulls = on`,
  // A plan that was made while a table was small is kept while an event sells out: it must use the
  // indexes from the start.
  `SET enable_seqscan = off`,
  // Of several indexes it is to be the one that has the order: without statistics, a sort of what
  // another one finds seems as cheap.
  `SET enable_sort = off`,
  // PostgreSQL has it since 13.
  `SELECT set_config('enable_incremental_sort', 'off', false)
    WHERE current_setting('enable_incremental_sort', true) IS NOT NULL`,
  `SET jit = off`,
]

/**
 * Whether the database is reached through PgBouncer (Prisma's convention: `?pgbouncer=true`).
 * There, in transaction mode, what is set for a session reaches the sessions of others.
 */
export function isThroughPgBouncer(url: string): boolean {
  return new URL(url).searchParams.get('pgbouncer') === 'true'
}

/**
 * Sets a new session up, in two round trips. Whether it may write is left as the server has it: who
 * makes a server read-only means it.
 *
 * @throws an error with the SQLSTATE {@link TRIGGERS_OFF} where the session may write, but triggers
 *   would not fire
 */
export async function prepareSession(
  client: Asked,
  url: string,
  { statementTimeoutMs, lockTimeoutMs, isReadOnly }: SessionSettings,
): Promise<void> {
  const settings = [...EVERYWHERE]
  if (!isThroughPgBouncer(url)) {
    await setTimeLimit(client, statementTimeoutMs)
    settings.push(
      ...OURS_ALONE,
      `SET lock_timeout = ${lockTimeoutMs}`,
      `SET idle_in_transaction_session_timeout = ${statementTimeoutMs}`,
    )
    if (isReadOnly) settings.push(`SET default_transaction_read_only = on`)
  }
  if (!isReadOnly) settings.push(REFUSE_WITHOUT_TRIGGERS)
  await client.query(settings.join('; '))
}

/**
 * A shorter limit of the database's, of a millisecond perhaps, could cut off whatever comes before our own is
 * set: that is nearly nothing, and tried again. A parameter with which the connection begins would do without,
 * but a pooler in between refuses those that it does not know.
 */
async function setTimeLimit(client: Asked, limitMs: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`SET statement_timeout = ${limitMs}`)
      return
    } catch (error) {
      if (classifyFailure(error) !== 'out_of_time' || tries >= MAX_TRIES) throw error
    }
  }
}
